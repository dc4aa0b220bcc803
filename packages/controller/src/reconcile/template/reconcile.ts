import { isDeepStrictEqual } from 'node:util';
import type { AgentTeamTemplateStatus } from '@agentteam/api';
import {
  type CompileOptions,
  checkTemplate,
  formatProblems,
  workflowTemplate,
} from '@agentteam/compiler';
import { wholeSeconds } from '@agentteam/contract';
import type { KubeApi } from '../../kube/api.ts';
import type { Lister } from '../../kube/collection.ts';
import { recordEvent } from '../../kube/events.ts';
import { type KubeObject, type Manifest, ownedBy } from '../../kube/objects.ts';
import { type CachedTemplate, readFull } from '../cached-resource.ts';
import { type NewCondition, withConditions } from '../conditions.ts';
import type { NamespaceCompanions } from '../namespace-companions.ts';
import type { Reconciler } from '../queue.ts';
import { isOwnedBy, refOf } from '../team/refs.ts';

export interface TemplateContext {
  readonly api: KubeApi;
  readonly templates: Lister<CachedTemplate>;
  readonly submitter: Pick<NamespaceCompanions, 'ensure'>;
  readonly compileOptions: CompileOptions;
  readonly now: () => Date;
}

/** Reports whether a template is valid, and offers valid templates to Argo's users as WorkflowTemplates. */
export class TemplateReconciler implements Reconciler {
  readonly #context: TemplateContext;

  constructor(context: TemplateContext) {
    this.#context = context;
  }

  async reconcile(key: string): Promise<undefined> {
    const { api, templates, now } = this.#context;
    const template = await readFull(templates.get(key), api);
    if (template === undefined || template.metadata.deletionTimestamp !== undefined) return;
    const { ready, offered } = await this.#offer(template);
    const status: AgentTeamTemplateStatus = {
      ready: ready.status === 'True',
      ...(offered !== undefined && { workflowTemplate: offered }),
      conditions: withConditions(template, [], wholeSeconds(now()), [ready]),
      observedGeneration: template.metadata.generation ?? 0,
    };
    if (isDeepStrictEqual(template.status, status)) return;
    if (ready.reason !== 'Valid') {
      const { reason, message } = ready;
      await recordEvent(api, template, { type: 'Warning', reason, message }, now());
    }
    await api.applyStatus(template, status);
  }

  async #offer(
    template: CachedTemplate,
  ): Promise<{ readonly ready: NewCondition; readonly offered?: string }> {
    const { api, submitter, compileOptions, now } = this.#context;
    const { apiVersion, kind, metadata, spec } = template;
    const { name, namespace = '' } = metadata;
    const { problems } = checkTemplate(
      { apiVersion, kind, metadata: { name, namespace }, spec },
      compileOptions,
    );
    if (problems.length > 0) {
      const message = formatProblems(problems, { file: `agentteamtemplate/${name}` });
      return { ready: { type: 'Ready', status: 'False', reason: 'Invalid', message } };
    }
    const offer = workflowTemplate(template) as unknown as Manifest;
    const existing = await api.read<KubeObject>({ ...refOf(offer), name });
    if (existing !== undefined && !isOwnedBy(existing, template)) {
      const message = `The template is valid. Argo's users cannot see it, because another WorkflowTemplate is named ${name}.`;
      return { ready: { type: 'Ready', status: 'True', reason: 'NameTaken', message } };
    }
    await submitter.ensure(namespace, now().getTime());
    await api.apply({
      ...offer,
      metadata: { ...offer.metadata, namespace, ownerReferences: [ownedBy(template)] },
    });
    const message = 'The template is valid.';
    return { ready: { type: 'Ready', status: 'True', reason: 'Valid', message }, offered: name };
  }
}
