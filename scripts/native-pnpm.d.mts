/** The environment for a child that starts `pnpm`, with a pnpm that can be executed first on PATH. */
export function pnpmEnvironment(): NodeJS.ProcessEnv;
