/** Whether the address of a page asks for safe mode: `?safe-mode=1`. */
export function isSafeMode(search: string): boolean {
  return new URLSearchParams(search).get('safe-mode') === '1';
}
