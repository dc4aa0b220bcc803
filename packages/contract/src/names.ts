/** Names that the API server accepts for an object: DNS subdomains. */
export const OBJECT_NAME: RegExp =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Names that the API server accepts for a namespace: DNS labels. */
export const NAMESPACE_NAME: RegExp = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The Secret in the controller's namespace with the key that opens gates with approvers. */
export const GATE_KEY_SECRET = 'agentteam-gate-key';

/** The end of the name under which Argo looks for the token of an executor's service account. */
export const ACCOUNT_TOKEN_END = '.service-account-token';
