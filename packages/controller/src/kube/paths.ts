import type { ObjectRef } from './objects.ts';

/** Query parameters; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * The path of an object at the API server, or of a collection where no name is given. Plurals are
 * those of the kinds that the controller deals with: all of them end in `s`.
 * @param rest what follows the object's name: `/status`.
 */
export function pathOf(
  { apiVersion, kind, namespace, name }: Omit<ObjectRef, 'name'> & { readonly name?: string },
  query: Query = {},
  rest = '',
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const asked = given.length === 0 ? '' : `?${new URLSearchParams(given as [string, string][])}`;
  return `${root}${within}/${kind.toLowerCase()}s${object}${rest}${asked}`;
}
