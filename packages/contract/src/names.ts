/** Names that the API server accepts for an object. */
export const OBJECT_NAME: RegExp =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** The same for a namespace: a DNS label. */
export const NAMESPACE_NAME: RegExp = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
