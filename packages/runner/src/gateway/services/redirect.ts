import type { Service } from './service.ts';

/**
 * The path at the gateway of an address that a service redirects to.
 * @param root before `/<name>/` in the paths of services.
 * @returns undefined if the address belongs to no service of the agent.
 */
export function pathAtGateway(
  url: URL,
  services: readonly Service[],
  root: string,
): string | undefined {
  const owner = services
    .filter(({ base }) => url.origin === base.origin && isBelow(url, base))
    .sort((a, b) => b.base.pathname.length - a.base.pathname.length)[0];
  if (owner === undefined || url.username !== '' || url.password !== '') return undefined;
  const below = url.pathname.slice(owner.base.pathname.length);
  return `${root}/${owner.name}/${below}${url.search}${url.hash}`;
}

/** Whether the path of an address is the base path or below it. */
function isBelow(url: URL, base: URL): boolean {
  return `${url.pathname}/`.startsWith(base.pathname);
}

/** What may be shown of a redirect's target. Its query may hold a signature. */
export function shownTarget(target: URL | undefined): string {
  return target === undefined ? 'an invalid address' : `${target.origin}${target.pathname}`;
}
