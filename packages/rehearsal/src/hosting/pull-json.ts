import type { PullRequest } from './pull-requests.ts';

export interface PullJson {
  readonly number: number;
  readonly state: string;
  readonly html_url: string;
  readonly labels: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

/** A pull request in GitHub's format, with the fields that the product and its users read. */
export function pullJson(pull: PullRequest): PullJson {
  const { owner, repo, number, state, title, body, head, base } = pull;
  return {
    id: number,
    number,
    state,
    title,
    body,
    draft: false,
    merged: false,
    // The domain .invalid (RFC 2606) shows that it does not exist at github.com.
    html_url: `https://github.invalid/${owner}/${repo}/pull/${number}`,
    user: { login: 'agentteam' },
    head: { ref: head, label: `${owner}:${head}` },
    base: { ref: base, label: `${owner}:${base}` },
    labels: pull.labels.map((name) => ({ name })),
    requested_reviewers: pull.reviewers.map((login) => ({ login })),
    requested_teams: pull.teamReviewers.map((slug) => ({ slug })),
  };
}
