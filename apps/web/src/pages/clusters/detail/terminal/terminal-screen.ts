import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type ITheme } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';

/** A terminal on the page. */
export interface TerminalScreen {
  /** What comes while 8 MiB are not shown yet is dropped, so that Ctrl-C still reaches a program that floods. */
  write(bytes: Uint8Array): void;
  /** Puts the terminal into its usual modes on a fresh line; what was shown stays. */
  startOver(): void;
  setTheme(theme: 'light' | 'dark'): void;
  focus(): void;
  dispose(): void;
}

/** Whom a screen tells. */
interface TerminalScreenOptions {
  /** Names the terminal to screen readers. */
  readonly label: string;
  /** Id of the text that says how to leave it by keyboard. */
  readonly hintId: string;
  readonly onText: (text: string) => void;
  readonly onBinary: (binary: string) => void;
  readonly onSize: (columns: number, rows: number) => void;
  /** The key was pressed that leaves the terminal. */
  readonly onLeave: () => void;
}

const maxUnshownBytes = 8 * 1024 * 1024;

const themes: Readonly<Record<'light' | 'dark', ITheme>> = {
  light: {
    background: '#ffffff',
    foreground: '#1f2328',
    cursor: '#364fc7',
    cursorAccent: '#ffffff',
    selectionBackground: '#c9d3ff',
    black: '#1f2328',
    red: '#c92a2a',
    green: '#2b6a36',
    yellow: '#8f4700',
    blue: '#364fc7',
    magenta: '#862e9c',
    cyan: '#0b6b74',
    white: '#5a626b',
    brightBlack: '#5a626b',
    brightRed: '#a51111',
    brightGreen: '#1f5426',
    brightYellow: '#6f3700',
    brightBlue: '#1c3fb0',
    brightMagenta: '#6b1f80',
    brightCyan: '#08525a',
    brightWhite: '#1f2328',
  },
  dark: {
    background: '#1e2128',
    foreground: '#e6e9ee',
    cursor: '#91a7ff',
    cursorAccent: '#1e2128',
    selectionBackground: '#3a4a86',
    black: '#343943',
    red: '#ff8787',
    green: '#69db7c',
    yellow: '#ffc078',
    blue: '#91a7ff',
    magenta: '#e599f7',
    cyan: '#66d9e8',
    white: '#ced4da',
    brightBlack: '#a8b0bb',
    brightRed: '#ffa8a8',
    brightGreen: '#8ce99a',
    brightYellow: '#ffd8a8',
    brightBlue: '#bac8ff',
    brightMagenta: '#eebefa',
    brightCyan: '#99e9f2',
    brightWhite: '#ffffff',
  },
};

/** Puts a terminal into an element. It takes the size of the element and follows it. */
export function createTerminalScreen(host: HTMLElement, options: TerminalScreenOptions): TerminalScreen {
  const { label, hintId, onText, onBinary, onSize, onLeave } = options;
  const terminal = new Terminal({
    fontFamily: getComputedStyle(host).fontFamily,
    fontSize: 13,
    lineHeight: 1.2,
    cursorBlink: false,
    // Programs choose colours without knowing the background (WCAG 2.2, 1.4.3).
    minimumContrastRatio: 4.5,
    scrollback: 5_000,
    screenReaderMode: true,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  terminal.textarea?.setAttribute('aria-label', label);
  terminal.textarea?.setAttribute('aria-describedby', hintId);
  terminal.onData(onText);
  terminal.onBinary(onBinary);
  terminal.onResize(({ cols, rows }) => {
    onSize(cols, rows);
  });
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true;
    if (event.key === 'F6' && event.shiftKey) {
      event.preventDefault();
      onLeave();
      return false;
    }
    return !isForBrowser(event, terminal.hasSelection());
  });
  // After a copy the next Ctrl-C interrupts again.
  const copied = (): void => {
    terminal.clearSelection();
  };
  host.addEventListener('copy', copied);
  const sizes = new ResizeObserver(() => {
    fit.fit();
  });
  sizes.observe(host);
  fit.fit();
  onSize(terminal.cols, terminal.rows);
  let unshownBytes = 0;

  return {
    write(bytes) {
      if (unshownBytes + bytes.length > maxUnshownBytes) return;
      unshownBytes += bytes.length;
      terminal.write(bytes, () => {
        unshownBytes -= bytes.length;
      });
    },
    startOver() {
      const { type, cursorX } = terminal.buffer.active;
      // A program that was cut off may have left its own screen, and a mouse that reports.
      if (type === 'alternate') terminal.write('\u001b[?1049l');
      terminal.write(`\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[!p${cursorX === 0 ? '' : '\r\n'}`);
    },
    setTheme(theme) {
      terminal.options.theme = themes[theme];
    },
    focus() {
      terminal.focus();
    },
    dispose() {
      sizes.disconnect();
      host.removeEventListener('copy', copied);
      terminal.dispose();
    },
  };
}

/**
 * Keys that the browser's clipboard has: copy where something is selected, paste always; a terminal takes what is pasted
 * from the event that follows.
 */
function isForBrowser({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent, hasSelection: boolean): boolean {
  if (altKey || !(ctrlKey || metaKey)) return false;
  const isPaste = key.toLowerCase() === 'v' || key === 'Insert';
  const isCopy = key.toLowerCase() === 'c' && !shiftKey && hasSelection;
  return isPaste || isCopy;
}
