export { cleanCommitMessage, commitMessageOf } from './commit.ts';
export { cutText, cutTexts } from './cut-text.ts';
export { type Destination, jsonForYaml, jsonText, textFor } from './destinations.ts';
export { digest } from './digest.ts';
export { oneLine } from './lines.ts';
export { shellQuoted, shellWord } from './shell.ts';
export { startOf } from './start-of.ts';
export { visible, visibleIn } from './visible.ts';
