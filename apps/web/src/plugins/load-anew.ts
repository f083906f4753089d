import { drawWaitingPage } from './waiting-page.ts';

/**
 * How long a sign-out may take to reach the server; the page is loaded anew then, whatever became of it. A server that is
 * started anew is back by then; code of plugins that lets nothing through gains no more.
 */
const maxWaitMs = 15_000;
/** A page that is still there after so long is loaded again; it doubles, since the server may be slow. */
const firstAgainMs = 500;
const maxBusyMs = 4_000;

/** Loads the page anew; with `heard`, when that has settled. */
type LoadAnew = (heard?: Promise<void>) => void;

let load: LoadAnew | undefined;

/** To be called before any code of a plugin runs, so that none can hold back a page that is to be loaded anew. */
export function prepareToLoadAnew(): void {
  load ??= prepare();
}

/**
 * Loads the page anew, without the code that plugins left in it. What it shows is gone at once, as the new page may take
 * its time: nobody is to type a password into the old one. `heard`: settles when the server has heard of a sign-out,
 * which waits for that, 15 s at most.
 */
export function loadAnew(heard?: Promise<void>): void {
  prepareToLoadAnew();
  load?.(heard);
}

/**
 * Keeps all that it takes as it is now: plugins can change what every part of the page is and does, save `location`.
 */
function prepare(): LoadAnew {
  const startTimer = setTimeout.bind(globalThis);
  const now = performance.now.bind(performance);
  // Some browsers may have the setter elsewhere.
  const setBody =
    Object.getOwnPropertyDescriptor(Document.prototype, 'body')?.set?.bind(document) ??
    document.body.replaceWith.bind(document.body);
  const stopFor = Function.prototype.call.bind(Reflect.get(Event.prototype, 'stopImmediatePropagation')) as (
    event: Event,
  ) => void;
  const reload = (): void => {
    location.reload();
  };
  const leaving = drawWaitingPage(
    'You are signed out here. Code of plugins has run in this page, so it is loaded anew: once the server has heard of ' +
      'the sign-out, or in 15 seconds.',
    reload,
  );
  const plain = drawWaitingPage('Code of plugins has run in it, and goes with it.', reload);
  let isDue = false;

  // First among those that hear of it: none asks to stay, or takes the place of what is loaded
  // (`NavigateEvent.intercept`).
  const keepFromOthers = (event: Event): void => {
    if (isDue) stopFor(event);
  };
  addEventListener('beforeunload', keepFromOthers, true);
  const { navigation } = globalThis as { readonly navigation?: EventTarget };
  navigation?.addEventListener('navigate', keepFromOthers, true);

  /** Lets nothing else run until the answer came: code that stops whatever is loaded (`window.stop`) has no turn. */
  function reloadUntilGone(againMs: number, busyMs: number): void {
    reload();
    const busyUntil = now() + busyMs;
    while (now() < busyUntil) continue;
    startTimer(() => {
      reloadUntilGone(againMs * 2, Math.min(againMs, maxBusyMs));
    }, againMs);
  }

  return (heard) => {
    if (isDue) return;
    isDue = true;
    let isGoing = false;
    const go = (): void => {
      if (isGoing) return;
      isGoing = true;
      reloadUntilGone(firstAgainMs, 0);
    };
    startTimer(go, heard === undefined ? 0 : maxWaitMs);
    if (heard !== undefined) void goAfter(heard, go);
    const { body, focus } = heard === undefined ? plain : leaving;
    setBody(body);
    focus();
  };
}

async function goAfter(heard: Promise<void>, go: () => void): Promise<void> {
  await heard;
  go();
}
