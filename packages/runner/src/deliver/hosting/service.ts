/** A pull request, or what a service calls its like. */
export interface ProposedChange {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
}

export interface PublishedChange {
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** Whether it had been there before. */
  readonly updated: boolean;
  /** What could not be done and is no reason to fail: a reviewer that the service does not know. */
  readonly notes: readonly string[];
}

/** What is known of a change before there is one. */
export interface PlannedChange {
  readonly head: string;
  /** Whether the branch is there already: a push would change it, and not make it. */
  readonly exists: boolean;
  /** Absent: no pull request is asked for. */
  readonly base?: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
}

/** What a service says of a planned change. */
export interface Forecast {
  /** Why it would be refused, in sentences. */
  readonly refusals: readonly string[];
  /** What could not be found out. */
  readonly unknown: readonly string[];
}

/** A service that repositories are on. */
export interface HostingService {
  /** Asks, and changes nothing, whether a change could be pushed and published. */
  foresee(change: PlannedChange, signal: AbortSignal): Promise<Forecast>;
  /** Opens a pull request, or brings the open one of the same head up to date. */
  publish(change: ProposedChange, signal: AbortSignal): Promise<PublishedChange>;
}

export interface HostingAccess {
  /** Of the REST API, without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string;
  /** `acme/backend`; on GitLab with any number of groups in front. */
  readonly project: string;
  /** By which it is reached from here. */
  readonly fetch: typeof fetch;
}
