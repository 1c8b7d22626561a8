/** In which order the funders of a project are asked for one application, and how that order came about. */

export interface RoutedFunder {
  readonly id: string;
  readonly name: string;
  readonly uscc: string;
  /** By the rules; none where there is nobody to choose from. */
  readonly points?: string;
}

export type Mode = 'SEQUENTIAL' | 'OFFER' | 'MANUAL';

export interface Route {
  readonly mode: Mode;
  /** Who is asked first stands first. */
  readonly funders: readonly RoutedFunder[];
  /** The version of the rules that ranked them. */
  readonly rulesId?: string;
}
