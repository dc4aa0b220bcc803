/** Headers that carry a credential, in lower case. In a team they may come from a Secret only. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
]);

const RESERVED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'last-event-id',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header belongs to the connection or to MCP, so that a team may not set it. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.has(lower) || lower.startsWith('mcp-');
}

/** The beginnings of the keys with which Secrets hold the credentials of model providers. */
const PROVIDER_KEY = /^(?:anthropic|aws|azure|claude_code|google)_/i;

/** Whether a key of a Secret is one of a credential for a model provider, which only the provider may get. */
export function isProviderKey(key: string): boolean {
  return PROVIDER_KEY.test(key);
}
