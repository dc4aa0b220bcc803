import type { DAGTask, Template, Workflow } from '@agentteam/argo';

/** A template that runs a shell script; the shared volume is at `/data`. */
export function script(name: string, text: string): Template {
  return {
    name,
    volumes: [{ name: 'tmp', emptyDir: {} }],
    container: {
      image: 'test',
      command: ['sh'],
      args: [text],
      volumeMounts: [
        { name: 'team', mountPath: '/data' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
  };
}

export function gate(name: string): Template {
  const supplied = (parameter: string, value: string) => ({
    name: parameter,
    valueFrom: { supplied: {}, default: value },
  });
  return {
    name,
    suspend: {},
    outputs: {
      parameters: [
        supplied('decision', 'approve'),
        supplied('decided-by', ''),
        supplied('reason', ''),
      ],
    },
  };
}

export function task(name: string, template: string, depends?: string): DAGTask {
  return { name, template, ...(depends !== undefined && { depends }) };
}

/** The same Workflow with one step that runs at its end. */
export function atExit({ spec, ...rest }: Workflow, template: string): Workflow {
  const dag = { failFast: false, target: 'Bye', tasks: [task('Bye', template)] };
  const templates = [...(spec.templates ?? []), { name: 'exit', dag }];
  return { ...rest, spec: { ...spec, onExit: 'exit', templates } };
}

export function workflow(tasks: readonly DAGTask[], templates: readonly Template[]): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'test' },
    spec: {
      entrypoint: 'dag',
      volumes: [{ name: 'team', persistentVolumeClaim: { claimName: 'test-team' } }],
      templates: [
        {
          name: 'dag',
          dag: {
            failFast: false,
            target: tasks.map(({ name }) => name).join(' '),
            tasks: [...tasks],
          },
        },
        ...templates,
      ],
    },
  };
}
