import { catalogCommands } from './catalog-commands.ts';
import type { Command } from './command.ts';
import { createCommand } from './create-command.ts';
import { installCommands } from './install-commands.ts';
import { packCommand } from './pack-command.ts';
import { storeCommands } from './store-commands.ts';
import { syncCommand } from './sync-command.ts';

/** What the program offers. */
export const commands: readonly Command[] = [
  ...catalogCommands,
  ...installCommands,
  ...storeCommands,
  syncCommand,
  packCommand,
  createCommand,
];
