import { isRecord } from '../patch/json-value.ts';
import type { Fields } from './read-fields.ts';

/** Fills in what is absent or null; the same object where nothing is. */
export function withDefaults(fields: Fields, defaults: Fields): Fields {
  const missing = Object.entries(defaults).filter(([name]) => fields[name] === undefined || fields[name] === null);
  return missing.length === 0 ? fields : { ...fields, ...Object.fromEntries(missing) };
}

/** Changes one field where it is an object (or absent); the same object where nothing changes. */
export function withField<T extends Fields>(fields: T, name: string, change: (field: Fields) => Fields): T {
  const field = fields[name] ?? {};
  if (!isRecord(field)) return fields;
  const changed = change(field);
  return changed === fields[name] ? fields : { ...fields, [name]: changed };
}

/** As {@link withField}, only where the field is there. */
export function withPresentField<T extends Fields>(fields: T, name: string, change: (field: Fields) => Fields): T {
  return fields[name] === undefined || fields[name] === null ? fields : withField(fields, name, change);
}

/** Changes every object of a list; the same object where nothing changes. */
export function withItems(fields: Fields, name: string, change: (item: Fields) => Fields): Fields {
  const list = fields[name];
  if (!Array.isArray(list)) return fields;
  const items: readonly unknown[] = list;
  const changed = items.map((item) => (isRecord(item) ? change(item) : item));
  return changed.every((item, index) => item === items[index]) ? fields : { ...fields, [name]: changed };
}
