import type { OperationProgress } from '../../core/operation-progress.ts';

/** What the line may use. */
export interface LineStyle {
  /** Of the terminal; the line has at most 80. */
  readonly columns: number;
  readonly isColoured: boolean;
  /** Where a command works on several. */
  readonly pluginId?: string | undefined;
}

const maxColumns = 80;
const maxBarColumns = 24;
const green = '\u001b[32m';
const plain = '\u001b[39m';

/**
 * One event of an operation as a line that fits the terminal: how far it is, a bar, and what is happening. Sizes are in
 * units of 1,024 bytes.
 */
export function progressLine(progress: OperationProgress, { columns, isColoured, pluginId }: LineStyle): string {
  // A line as wide as the terminal would wrap.
  const width = Math.min(maxColumns, columns - 1);
  const percent = `${String(Math.floor(progress.percentage)).padStart(3)} %`;
  const bar = Math.min(maxBarColumns, width - percent.length - 3);
  if (bar < 5) return percent.slice(0, Math.max(0, width));
  const filled = Math.round((Math.min(100, progress.percentage) / 100) * bar);
  const full = '█'.repeat(filled);
  const about = pluginId === undefined ? '' : ` ${pluginId}`;
  const text = `${about} ${textOf(progress)}`.slice(0, width - percent.length - bar - 1);
  return `${percent} ${isColoured ? `${green}${full}${plain}` : full}${'░'.repeat(bar - filled)}${text.trimEnd()}`;
}

function textOf(progress: OperationProgress): string {
  switch (progress.type) {
    case 'bytes': {
      const of = progress.total === undefined ? '' : ` of ${sizeText(progress.total)}`;
      return `${sizeText(progress.done)}${of}${progress.rate > 0 ? `, ${sizeText(progress.rate)}/s` : ''}`;
    }
    case 'phase':
      return progress.phase;
    case 'warning':
      return withoutControls(progress.message);
    case 'queued':
    case 'done':
    case 'failed':
    case 'cancelled':
      return progress.type;
  }
}

/** `12.3 MiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1_024 ** power).toFixed(power === 0 ? 0 : 1)} ${String(units[power])}`;
}

/** What a source or an archive says must not move the cursor or change the title of the terminal. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
