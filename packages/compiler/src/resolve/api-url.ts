/** The parts of an API's base URL that are compared. */
export interface ApiUrl {
  readonly secure: boolean;
  /** In lower case, with the port. */
  readonly host: string;
  /** Without a slash at the end. */
  readonly path: string;
  /** Whether the host is this machine or a service in the cluster, which http may be used for. */
  readonly isNear: boolean;
}

/** Host names and addresses, a port, and a path that no server can read as a different one. */
const URL_FORM =
  /^(https?):\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?((?:\/[A-Za-z0-9._~-]+)*)\/?$/i;

/** This machine; a name without a dot, which only a cluster's own DNS resolves; and services of a cluster. */
const NEAR =
  /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]|[a-z0-9-]*[a-z][a-z0-9-]*|.+\.(?:svc|local))$/;

/** @returns `undefined` if the text is not the base URL of an API. */
export function parseApiUrl(text: string): ApiUrl | undefined {
  const [, scheme = '', name = '', port, path = ''] = URL_FORM.exec(text) ?? [];
  if (name === '' || path.split('/').some((part) => part === '.' || part === '..'))
    return undefined;
  const secure = scheme.toLowerCase() === 'https';
  const host = name.toLowerCase();
  const portNumber = Number(port ?? (secure ? 443 : 80));
  if (portNumber < 1 || portNumber > 65_535) return undefined;
  return { secure, host: `${host}:${portNumber}`, path, isNear: NEAR.test(host) };
}

/** Whether a URL is the same as a base URL, or below it. */
export function isBelow(url: ApiUrl, base: ApiUrl): boolean {
  const isSamePlace = url.secure === base.secure && url.host === base.host;
  return isSamePlace && (url.path === base.path || url.path.startsWith(`${base.path}/`));
}
