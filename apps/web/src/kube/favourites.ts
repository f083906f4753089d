import { defaultFavourites } from './kinds.ts';
import { parseResourceKey } from './resource-key.ts';
import { useStored } from '../ui/use-stored.ts';

/** More would not fit a navigation. */
const maxFavourites = 60;

function parseFavourites(json: unknown): readonly string[] {
  if (!Array.isArray(json)) return defaultFavourites;
  return json
    .filter((key): key is string => typeof key === 'string' && parseResourceKey(key) !== undefined)
    .slice(0, maxFavourites);
}

/** Keys of the kinds that the user keeps in the navigation, and a switch for one. */
export function useFavourites(): readonly [readonly string[], (key: string) => void] {
  const [keys, set] = useStored('favourites', parseFavourites);
  const toggle = (key: string): void => {
    set(keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key].slice(-maxFavourites));
  };
  return [keys, toggle];
}
