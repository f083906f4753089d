import type { Command } from './command.ts';
import { createCommand } from './create-command.ts';
import { packCommand } from './pack-command.ts';

/** What the program offers. */
export const commands: readonly Command[] = [packCommand, createCommand];
