import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request in the API server's audit log. */
export interface AuditedRequest {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

const LOG = 'audit.log';

/** Flags that enable the API server's audit log. */
export function auditFlags(directory: string): readonly string[] {
  const policy = join(directory, 'audit-policy.yaml');
  writeFileSync(
    policy,
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      // Log a watch when it starts, not only when it ends.
      rules: [{ level: 'Metadata', omitStages: ['RequestReceived'] }],
    }),
  );
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${join(directory, LOG)}`];
}

/** The requests of a user so far. */
export function auditedRequests(directory: string, user: string): readonly AuditedRequest[] {
  return (
    readFileSync(join(directory, LOG), 'utf8')
      .split('\n')
      // The text after the last newline is an incomplete line.
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditedRequest)
      .filter(({ user: { username } }) => username === user)
  );
}
