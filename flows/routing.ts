/** Routing to several funders (多资方精准路由, F13): ranked by rules, asked one after the other, the first that approves has it. */
export { askInTurn } from './routing/attempts.ts';
export { routeFor } from './routing/ranking.ts';
