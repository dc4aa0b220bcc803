import type { ObjectRef } from './objects.ts';

/** Query parameters. Undefined ones are omitted. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * The URL path of an object, or of all objects of a kind if there is no name. It forms plurals with
 * `s`, which is correct for every kind that the controller uses.
 * @param rest follows the object's name: `/status`.
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
