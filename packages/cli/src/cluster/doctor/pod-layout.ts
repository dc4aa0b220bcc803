import { type ArgoConfig, settingOf } from './argo-config.ts';
import { type Finding, failed } from './finding.ts';

/**
 * Whether Argo makes pods as teams need them. Its init-less layout (a beta of Argo 4.1) writes files
 * only after an agent's container was made, in which they are mounted read-only. Nothing where it does.
 */
export function examinePodLayout(argo: ArgoConfig): readonly Finding[] {
  if (argo.is !== 'there') return [];
  const layout = settingOf<{ readonly enabled?: unknown }>(argo.data, 'initlessPod');
  if (layout?.enabled !== true) return [];
  return [
    failed(
      'argo pod layout',
      `Argo's ConfigMap ${argo.where} enables initlessPod, under which agents' pods do not start`,
      `Remove initlessPod from ConfigMap ${argo.where}, and restart Argo's controller.`,
    ),
  ];
}
