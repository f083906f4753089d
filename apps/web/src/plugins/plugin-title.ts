/** What a plugin is called, and what it is. */
export interface Titled {
  readonly id: string;
  readonly title: string;
}

/**
 * A plugin's title where it tells the plugin from all others there are, else with its id. A title is what the publisher
 * says, so that two plugins may have the same; differences that nobody sees do not count.
 */
export function titleOf({ id, title }: Titled, all: Iterable<Titled>): string {
  const seen = asSeen(title);
  for (const other of all) {
    if (other.id !== id && asSeen(other.title) === seen) return `${title} (${id})`;
  }
  return title;
}

/** Also U+2800, the braille pattern of no dots. How wide a gap is, and whether there is one, is easily overlooked. */
const unseen = /[\s\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]/gu;

function asSeen(title: string): string {
  // Before, as it would keep apart what is to be composed; after, as some of it is what others are the same as.
  return title.replace(unseen, '').normalize('NFKC').replace(unseen, '').toLowerCase();
}
