import {
  parseServiceUrl,
  type ServiceRef,
  type TokenHeader,
  tokenHeader,
} from '@agentteam/contract';

/** A service as the gateway serves it. */
export interface Service {
  readonly name: string;
  /** Its path ends with a slash. */
  readonly base: URL;
  /** Name of the Secret with its credential. Absent: requests carry none. */
  readonly secret?: string;
  readonly header: TokenHeader;
  readonly methods: readonly string[];
}

/** TRACE is not among them: its reply shows the credential. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** @returns undefined if the URL is not that of a service. */
export function readService({
  name,
  url,
  secret,
  header,
  methods,
}: ServiceRef): Service | undefined {
  if (parseServiceUrl(url) === undefined) return undefined;
  const base = new URL(url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return {
    name,
    base,
    ...(secret !== undefined && { secret }),
    header: tokenHeader(header),
    methods: methods ?? METHODS,
  };
}
