/** A line of a log with where it came from. */
export interface LogLine {
  /** Grows by one with each line, so that a list has keys. */
  readonly id: number;
  /** `pod` or `pod/container` that wrote it. */
  readonly source: string;
  /** RFC 3339 with fractions, as the kubelet wrote it; undefined when the line has none. */
  readonly at: string | undefined;
  readonly text: string;
}

/** What a log keeps; the oldest lines go. */
export const maxLogLines = 10_000;

/** Takes the timestamp off a line that was asked for with `timestamps=true`. */
export function parseLogLine(line: string): { readonly at: string | undefined; readonly text: string } {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/.exec(line);
  if (match === null) return { at: undefined, text: line };
  return { at: match[1], text: line.slice(match[0].length) };
}

/** Cuts a stream of text into lines; what follows the last newline waits for more. */
export class LineSplitter {
  #rest = '';

  push(chunk: string): readonly string[] {
    const parts = (this.#rest + chunk).split('\n');
    this.#rest = parts.pop() ?? '';
    return parts.map((line) => line.replace(/\r$/, ''));
  }

  /** What was left without a newline at the end. */
  end(): readonly string[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : [rest];
  }
}

/** The lines of several sources in the order of their times; bounded, the oldest are dropped and counted. */
export class LogBuffer {
  #lines: LogLine[] = [];
  #nextId = 0;
  dropped = 0;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Adds what one source wrote. Each source is in order by itself, so that only the end has to be looked at. */
  append(source: string, texts: readonly string[]): void {
    if (texts.length === 0) return;
    const lines = this.#lines.slice();
    for (const text of texts) {
      const line: LogLine = { id: this.#nextId, source, ...parseLogLine(text) };
      this.#nextId += 1;
      let index = lines.length;
      while (index > 0 && isAfter(lines[index - 1] as LogLine, line)) index -= 1;
      lines.splice(index, 0, line);
    }
    const excess = Math.max(0, lines.length - maxLogLines);
    this.dropped += excess;
    this.#lines = excess === 0 ? lines : lines.slice(excess);
  }

  clear(): void {
    this.#lines = [];
    this.dropped = 0;
  }
}

/** Within one source the order of arrival counts. */
function isAfter(left: LogLine, right: LogLine): boolean {
  return left.source !== right.source && left.at !== undefined && right.at !== undefined && left.at > right.at;
}
