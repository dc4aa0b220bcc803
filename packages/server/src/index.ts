export { answerPeers } from './answer-peers.ts';
export { type PeerLimits, peerOf } from './limit-peers.ts';
export { shareRuns } from './share-runs.ts';
