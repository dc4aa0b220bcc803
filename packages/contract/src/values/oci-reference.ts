/** A parsed reference to an artifact or image in a registry. */
export interface OciReference {
  /** Host, with its port: `registry.example.com:5000`. */
  readonly registry: string;
  /** Path in the registry: `skills/brand`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. It takes precedence over the tag. */
  readonly digest?: string;
}

const HOST = /^([a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The registry of references without a host, as Docker understands them. */
const DOCKER_HUB = 'docker.io';

/**
 * Parses `registry.example.com/skills/brand:1.2` or `…@sha256:…`. A reference without a host is of Docker Hub.
 * @returns what is wrong, as the end of a sentence, where it cannot be parsed.
 */
export function parseOciReference(text: string): OciReference | { readonly problem: string } {
  const plain = text.replace(/^oci:\/\//, '');
  const at = plain.indexOf('@');
  const digest = at < 0 ? undefined : plain.slice(at + 1);
  const named = at < 0 ? plain : plain.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const { registry, repository } = splitHost(hasTag ? named.slice(0, colon) : named);
  if (!HOST.test(registry)) return { problem: `has no valid registry: \`${registry}\`` };
  if (!PATH.test(repository)) return { problem: `has no valid repository: \`${repository}\`` };
  if (tag !== undefined && !TAG.test(tag)) return { problem: `has no valid tag: \`${tag}\`` };
  if (digest !== undefined && !DIGEST.test(digest)) {
    return { problem: 'has no valid digest; a digest is sha256: and 64 hexadecimal digits' };
  }
  if (tag === undefined && digest === undefined)
    return { problem: 'has neither a tag nor a digest' };
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** The name of an image with its registry: `docker.io/library/golang:1` for `golang:1`. */
export function fullImageName(image: string): string {
  const { registry, repository } = splitHost(image);
  return `${registry}/${repository}`;
}

/**
 * Whether a text names an image in a registry. Podman takes some others, such as `docker-archive:/srv/backup.tar`, for
 * files of this machine.
 */
export function isImageName(text: string): boolean {
  if (text.startsWith('oci:/')) return false;
  return [text, `${text}:latest`].some((one) => !('problem' in parseOciReference(one)));
}

function splitHost(name: string): Pick<OciReference, 'registry' | 'repository'> {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (/[.:]/.test(first) || first === 'localhost') {
    return { registry: first, repository: name.slice(slash + 1) };
  }
  return { registry: DOCKER_HUB, repository: slash < 0 ? `library/${name}` : name };
}

/**
 * Whether a login of a Docker configuration is for a reference, and how specific it is.
 * @param key of `auths`: `registry.example.com`, `https://index.docker.io/v1/`, or with a path.
 * @returns the length of the part that matches; 0 if the login is for another registry.
 */
export function loginMatch(key: string, { registry, repository }: OciReference): number {
  const [host = '', ...path] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .split('/');
  const isHub = /^(index\.|registry-1\.)?docker\.io$/.test(host);
  if ((isHub ? DOCKER_HUB : host) !== registry) return 0;
  const prefix = path.join('/').replace(/^v[12]$/, '');
  if (prefix === '') return registry.length;
  const isBelow = repository === prefix || repository.startsWith(`${prefix}/`);
  return isBelow ? registry.length + 1 + prefix.length : 0;
}
