export { type CostBand, type CostChart, type CostGrouping, costChart } from './cost-chart.ts';
export { type GraphLayout, type GraphSize, layOutSteps, type PlacedStep } from './graph.ts';
export {
  type MarkdownElement,
  type MarkdownNode,
  type MarkdownTag,
  markdownTree,
} from './markdown.ts';
export { type PatchFile, type PatchLine, patchFiles } from './patch.ts';
export { tableOf } from './table.ts';
