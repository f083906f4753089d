import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder in the system's temporary one. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'fleetwire-server-'));
