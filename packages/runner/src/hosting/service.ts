/** A pull request, or a merge request on GitLab. */
export interface ProposedChange {
  readonly head: string;
  /** The commit that was pushed to the head. */
  readonly commit: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
}

/** A pull request that has the head of a proposed change. */
export interface FoundChange {
  readonly state: PublishedChange['state'];
  readonly base: string;
  readonly commit: string;
}

/** Selects the pull request of a proposed change. @param found those with its head, newest first. */
export function selectChange<T extends FoundChange>(
  found: readonly T[],
  { base, commit }: ProposedChange,
): T | undefined {
  return (
    found.find((one) => one.state === 'open' && one.base === base) ??
    found.find((one) => one.commit === commit)
  );
}

export interface PublishedChange {
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** Whether an existing pull request was updated. */
  readonly updated: boolean;
  /** Problems that are no reason to fail, such as an unknown reviewer. */
  readonly notes: readonly string[];
}

/** A change that a team will propose. */
export interface PlannedChange {
  readonly head: string;
  /** Whether the branch exists at the remote. */
  readonly exists: boolean;
  /** Absent when no pull request will be opened. */
  readonly base?: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
}

/** Whether a service would accept a planned change. */
export interface Forecast {
  /** Reasons why it would refuse, as sentences. */
  readonly refusals: readonly string[];
  /** Checks that were not possible, as sentences. */
  readonly unknown: readonly string[];
}

/** A service that hosts repositories. */
export interface HostingService {
  /** Predicts whether a change could be pushed and published, without changing anything. */
  forecast(change: PlannedChange, signal: AbortSignal): Promise<Forecast>;
  /**
   * Opens a pull request, or updates the open one with the same head. A pull request that had the same commit is
   * left as it is if a person has merged or closed it, and no other one is opened: an earlier attempt, which was
   * killed before it could record it, opened it.
   */
  publish(change: ProposedChange, signal: AbortSignal): Promise<PublishedChange>;
}

export interface HostingAccess {
  /** Base URL of the REST API, without a trailing slash. */
  readonly baseUrl: string;
  readonly token: string;
  /** For example `acme/backend`. GitLab projects can be in several nested groups. */
  readonly project: string;
  /** A `fetch` that uses the environment's proxies. */
  readonly fetch: typeof fetch;
}

/** Fields of the team's spec that name the Secret with the token, in order of precedence. */
export const TOKEN_FIELDS = 'lifecycle.githubTokenSecret, else repository.credentialsSecret';
