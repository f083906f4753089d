import type { Command } from './command.ts';
import { createCommand } from './create-command.ts';
import { managerCommands } from './manager-commands.ts';
import { packCommand } from './pack-command.ts';

/** What the program offers. */
export const commands: readonly Command[] = [...managerCommands, packCommand, createCommand];
