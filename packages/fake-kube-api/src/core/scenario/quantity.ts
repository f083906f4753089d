const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number that a quantity such as `250m` or `64Mi` stands for (k8s.io/apimachinery, `resource.Quantity`); 0 where it is none. */
export function parseQuantity(quantity: string | number | undefined): number {
  const match = /^([\d.]+)([A-Za-z]*)$/.exec(String(quantity ?? 0));
  if (match === null) return 0;
  const [, number, suffix = ''] = match;
  return Number(number) * (suffix === '' ? 1 : (FACTORS[suffix] ?? 0));
}
