import { keyOf, type Suspect } from './suspects.ts';

/** Of each four places in the window three are for suspects that print what is wrong with them. */
const hintedShare = 3 / 4;

/** Chooses the suspects to look at: called with all of them and the number of the turn, as often as they change. */
type LookWindow = (suspects: readonly Suspect[], turn: number) => readonly Suspect[];

/**
 * Chooses `size` suspects in each turn, at most. Those with a hint have most of the places, and the others what is left;
 * who was looked at longest ago comes first, so that none is passed over for ever. A suspect keeps its place to the end
 * of the turn.
 */
export function createLookWindow(size: number): LookWindow {
  const lastTurns = new Map<string, number>();
  let [current, used] = [-1, 0];
  return (suspects, turn) => {
    if (turn !== current) {
      [current, used] = [turn, 0];
      const keys = new Set(suspects.map(keyOf));
      for (const key of lastTurns.keys()) if (!keys.has(key)) lastTurns.delete(key);
    }
    const lastTurnOf = (suspect: Suspect): number => lastTurns.get(keyOf(suspect)) ?? -1;
    const take = (list: readonly Suspect[], places: number): readonly Suspect[] => {
      const kept = list.filter((each) => lastTurnOf(each) === turn);
      const free = Math.max(0, Math.min(places - kept.length, size - used));
      const next = list
        .filter((each) => lastTurnOf(each) !== turn)
        .toSorted((a, b) => lastTurnOf(a) - lastTurnOf(b))
        .slice(0, free);
      for (const each of next) lastTurns.set(keyOf(each), turn);
      used += next.length;
      return [...kept, ...next];
    };
    const hinted = suspects.filter(({ hint }) => hint !== undefined);
    const doubted = suspects.filter(({ hint }) => hint === undefined);
    const places = Math.max(Math.ceil(size * hintedShare), size - doubted.length);
    const chosen = take(hinted, places);
    return [...chosen, ...take(doubted, size - chosen.length)];
  };
}
