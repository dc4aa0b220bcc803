import type { Stored } from '../controller/cluster.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The rights that a role grants, one line per verb: `patch secrets agentteam-executor.service-account-token`. */
export function granted(role: Stored): readonly string[] {
  const { rules } = role as Stored & { readonly rules: readonly Rule[] };
  return rules
    .flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          (resourceNames ?? ['*']).flatMap((name) =>
            verbs.map((verb) => rightLine(verb, group, resource, name)),
          ),
        ),
      ),
    )
    .toSorted();
}

export function rightLine(verb: string, group: string, resource: string, name: string): string {
  return `${verb} ${group === '' ? '' : `${group}/`}${resource} ${name}`;
}
