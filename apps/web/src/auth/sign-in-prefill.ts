/** What stands in the fields of the sign-in before somebody types. */
export interface Prefill {
  readonly username: string;
  readonly password: string;
}

const nothing: Prefill = { username: '', password: '' };

/**
 * Name and password that the server's first start put into the address of `/login`: taken out of the address at once,
 * and kept until the sign-in has shown them or somebody has signed in. Whoever signs in next in this tab sees nothing.
 */
export class SignInPrefill {
  #value = nothing;

  /** In a browser: `location` and `history`. */
  constructor(
    location: Pick<Location, 'pathname' | 'search' | 'hash'>,
    history: Pick<History, 'state' | 'replaceState'>,
  ) {
    if (location.pathname !== '/login') return;
    const values = new URLSearchParams(location.hash.slice(1));
    if (!values.has('password')) return;
    history.replaceState(history.state, '', location.pathname + location.search);
    this.#value = { username: values.get('username') ?? '', password: values.get('password') ?? '' };
  }

  readonly get = (): Prefill => this.#value;

  readonly forget = (): void => {
    this.#value = nothing;
  };
}
