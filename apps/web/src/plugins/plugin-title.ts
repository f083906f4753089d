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

function asSeen(title: string): string {
  const drawn = title.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return drawn.replace(/\s+/g, ' ').trim().toLowerCase();
}
