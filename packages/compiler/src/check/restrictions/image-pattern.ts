/** The parts of an image's name, with what Docker's short names leave out: `golang` is `docker.io/library/golang`. */
interface ImageName {
  readonly registry: string;
  readonly repository: string;
  /** With its separator: `:1.26`, `@sha256:…`, or both. Empty where there is none. */
  readonly version: string;
}

/** An image's name as container runtimes accept it. Source: the grammar of github.com/distribution/reference. */
const IMAGE =
  /^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?$/;

/**
 * Whether a pattern of `allowedImages` allows an image. `*` stands for any characters of the registry, of the
 * repository or of the version, and never reaches from the registry into the repository: `ghcr.io/acme/*`,
 * `docker.io/library/golang:1.*`. A pattern without a version allows every version, and `*` every image.
 */
export function allowsImage(pattern: string, image: string): boolean {
  if (!IMAGE.test(image)) return false;
  if (pattern === '*') return true;
  const [allowed, wanted] = [partsOf(pattern), partsOf(image)];
  return (
    matches(allowed.registry, wanted.registry) &&
    matches(allowed.repository, wanted.repository) &&
    allowsVersion(allowed.version, wanted.version)
  );
}

/** Runtimes ignore the tag beside a digest, so a pattern for tags does not allow an image with a digest. */
function allowsVersion(allowed: string, wanted: string): boolean {
  if (allowed === '' || allowed === ':*') return true;
  const version = wanted === '' ? ':latest' : wanted;
  return allowed.includes('@') === version.includes('@') && matches(allowed, version);
}

function partsOf(name: string): ImageName {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  // Runtimes take a name with capital letters for a host, because no repository has any.
  const isRegistry = /[.:*A-Z]/.test(first) || first === 'localhost';
  const registry = isRegistry ? first.toLowerCase() : 'docker.io';
  const rest = isRegistry ? name.slice(slash + 1) : name;
  const [, path = rest, version = ''] = /^([^:@]+)((?:[:@].*)?)$/.exec(rest) ?? [];
  const isDocker = registry === 'docker.io' || registry === 'index.docker.io';
  return {
    registry: isDocker ? 'docker.io' : registry,
    repository: isDocker && !path.includes('/') && path !== '*' ? `library/${path}` : path,
    version,
  };
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(text);
}
