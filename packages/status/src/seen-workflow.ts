import type { Workflow } from '@agentteam/argo';

type Template = NonNullable<Workflow['spec']['templates']>[number];
type Status = NonNullable<Workflow['status']>;

/** As much of a Workflow as a status is made of: whoever keeps Workflows must keep this of them. */
export interface SeenWorkflow {
  readonly metadata: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** Those of gates that do not wait for ever. */
    readonly templates?: readonly Pick<Template, 'name' | 'suspend'>[];
  };
  readonly status?: Pick<Status, 'phase' | 'message' | 'startedAt' | 'finishedAt' | 'nodes'>;
}
