/** The part of the metadata proposal for `Reflect` that tsyringe, below @peculiar/x509, calls; it brings none itself. */
interface MetadataReflection {
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  getMetadata?: (key: unknown, target: object) => unknown;
}

/** Adds it to `Reflect` where nobody has. Call it before @peculiar/x509 is imported. */
export function provideMetadataReflection(): void {
  const reflect = Reflect as MetadataReflection;
  if (reflect.getMetadata !== undefined) return;
  const metadata = new WeakMap<object, Map<unknown, unknown>>();
  const own = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);
  reflect.defineMetadata = (key, value, target) => {
    metadata.set(target, (metadata.get(target) ?? new Map<unknown, unknown>()).set(key, value));
  };
  reflect.getOwnMetadata = own;
  reflect.getMetadata = (key, target) => {
    for (let each: object | null = target; each !== null; each = Reflect.getPrototypeOf(each)) {
      const found = own(key, each);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
