/** Every flow, and every version of it that may still have runs. */
import type { AnyFlow } from '../engine/flow.ts';
import { release } from './release.flow.ts';
import { spotPledge } from './spot-pledge.flow.ts';

export const flows: readonly AnyFlow[] = [spotPledge, release];
