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

/** A service that repositories are on. */
export interface HostingService {
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
