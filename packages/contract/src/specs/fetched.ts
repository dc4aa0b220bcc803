/**
 * Something that setup fetches once for the team, into `VOLUME.fetched/<id>`: a skill, or a plugin of Claude
 * Code. Agents mount it read-only.
 */
export interface FetchedSpec {
  /** Name of its directory: a digest of where it comes from. */
  readonly id: string;
  readonly kind: 'skill' | 'plugin';
  readonly name: string;
  /** Path of the source in the team's spec, for messages. */
  readonly field: string;
  readonly timeoutSeconds: number;
  /** Bytes, of the download and of the files. */
  readonly maxBytes: number;
  readonly from: OciSource | GitSource;
  /** Whether a plugin's hooks, MCP servers and permissions apply. Absent: no. */
  readonly settings?: 'all';
}

export interface OciSource {
  readonly kind: 'oci';
  /** `registry.example.com/skills/brand:1.2` or `…@sha256:…`. */
  readonly reference: string;
  /** Names of Secrets that may have a login, mounted at `credentials/registry/<name>` where they exist. */
  readonly pullSecrets: readonly string[];
}

export interface GitSource {
  readonly kind: 'git';
  readonly url: string;
  /** A commit or a tag. */
  readonly ref: string;
  /** Directory in the repository. Absent: its root. */
  readonly path?: string;
  /** Name of the Secret at `credentials/fetch/<name>`. */
  readonly credentialsSecret?: string;
}

/** Key of a Secret of the type `kubernetes.io/dockerconfigjson`. */
export const DOCKER_CONFIG_KEY = '.dockerconfigjson';
