/** The IDoc types that the hub takes: which messages travel in them, which segments they have, and what is read of each. */
import { Delvry07, Invoic02 } from '../../contracts/sap/s4.documents.wire.ts';
import { Orders05, type WireShape } from '../../contracts/sap/s4.wire.ts';

export interface IdocType {
  /** Names of the basic type, that of now first. */
  readonly names: readonly string[];
  /** MESTYP: what else travels in the type is something else. Blank is this message. */
  readonly message: string;
  readonly shape: WireShape;
  readonly required: readonly string[];
  /** Segments of the type beside those that the shape names at their place. */
  readonly others: ReadonlySet<string>;
}

const setOf = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/));

/** Order and billing are one family. */
const document = `E1EDK04 E1EDK05 E1EDKA3 E1EDK17 E1EDK18 E1EDK35 E1EDK36 E1EDKT1 E1EDKT2 E1EDP02 E1CUREF E1ADDI1 E1EDP03
  E1EDP04 E1EDP05 E1EDPS5 E1EDP20 E1EDPA1 E1EDPA3 E1EDPAD E1TXTH1 E1TXTP1 E1EDP17 E1EDP18 E1EDP35 E1EDPT1 E1EDPT2 E1EDC01
  E1EDC02 E1EDC03 E1EDC04 E1EDC05 E1EDC06 E1EDC07 E1EDCA1 E1EDC19 E1EDC17 E1EDC18 E1EDCT1 E1EDCT2 E1CUCFG E1CUINS E1CUPRT
  E1CUVAL E1CUBLB E1EDL37 E1EDL39 E1EDL38 E1EDL44`;

export const idocTypes = {
  order: {
    names: ['ORDERS05'],
    message: 'ORDERS',
    shape: Orders05,
    required: ['EDI_DC40', 'E1EDK01'],
    others: setOf(document),
  },
  delivery: {
    names: ['DELVRY07', 'DELVRY06', 'DELVRY05', 'DELVRY04', 'DELVRY03', 'DELVRY02', 'DELVRY01'],
    message: 'DESADV',
    shape: Delvry07,
    required: ['EDI_DC40', 'E1EDL20'],
    others:
      setOf(`E1EDL15 E1EDL16 E1EDL18 E1EDL19 E1EDL21 E1EDL22 E1EDL23 E1EDL25 E1EDL26 E1EDL27 E1EDL28 E1EDL29 E1EDL30
      E1EDL31 E1EDL32 E1EDL33 E1EDL34 E1EDL35 E1EDL36 E1EDL37 E1EDL38 E1EDL39 E1EDL40 E1EDL41 E1EDL44 E1EDL45 E1EDL46 E1EDL47
      E1EDL48 E1EDL49 E1EDL50 E1EDL51 E1EDL52 E1EDL53 E1EDT13 E1EDT18 E1ADRM1 E1ADRE1 E1TXTH8 E1TXTP8 E1TXTH9 E1TXTP9`),
  },
  billing: {
    names: ['INVOIC02', 'INVOIC01'],
    message: 'INVOIC',
    shape: Invoic02,
    required: ['EDI_DC40', 'E1EDK01'],
    others: setOf(`${document} E1EDK23 E1EDK28 E1EDK29 E1EDK33 E1EDK34 E1EDK37 E1EDP08 E1EDP28 E1EDP30 E1EDP32 E1EDP33
      E1EDKI1 E1EDKI2 E1EDPI1 E1EDPI2`),
  },
} as const satisfies Record<string, IdocType>;

export type IdocTypeName = keyof typeof idocTypes;
