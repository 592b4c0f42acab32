// A FHIR Bundle in plain words: sections of rows, each {title, lines, from, own}.
// It only reads; viewer.js puts the words on the page.

import { day as dayIn } from './sheet.js';
import { lang, words } from './words.js';

const SELF = 'https://github.com/bundel-pgo/bundel/fhir/source';

const list = (x) => (Array.isArray(x) ? x : x === undefined || x === null ? [] : [x]);
const some = (...texts) => texts.filter((t) => typeof t === 'string' && t !== '');

// concept gives the words of a code: those of the sender go first.
function concept(c) {
  if (!c) return '';
  return c.text || list(c.coding).map((x) => x.display || x.code).find(Boolean) || '';
}

const day = (value) => dayIn(value, lang);

// numbers in the JSON text keep their digits through this mark: "6.30" is not 6.3.
export function parse(text) {
  return JSON.parse(text, (key, value, context) => (typeof value === 'number' && context?.source ? new Digits(context.source) : value));
}

class Digits {
  constructor(source) { this.source = source; }
  toString() { return lang === 'nl' ? this.source.replace('.', ',') : this.source; }
  toJSON() { return Number(this.source); }
}

function quantity(q) {
  if (!q || q.value === undefined) return '';
  return `${q.comparator || ''}${q.value}\u00a0${q.unit || q.code || ''}`.trim();
}

function value(o) {
  return some(quantity(o.valueQuantity), concept(o.valueCodeableConcept), o.valueString, day(o.valueDateTime),
    o.valueInteger === undefined ? '' : String(o.valueInteger), concept(o.dataAbsentReason))[0] || '';
}

function range(o) {
  const r = list(o.referenceRange)[0];
  if (!r) return '';
  const limits = r.text || [quantity(r.low), quantity(r.high)].filter(Boolean).join(' \u2013 ');
  return limits && `${words.range} ${limits}`;
}

function status(r) {
  const code = list(r.clinicalStatus?.coding)[0]?.code || r.status || '';
  return ['final', 'current'].includes(code) ? '' : words.status[code] || code;
}

const dose = (d) => d.text || quantity(list(d.doseAndRate)[0]?.doseQuantity);

// ROWS has one line for each kind: its name, and what else there is to say.
const ROWS = {
  medication: (r, find) => [
    concept(r.medicationCodeableConcept) || concept(find(r.medicationReference)?.code) || r.medicationReference?.display,
    [...[...list(r.dosage), ...list(r.dosageInstruction)].map(dose), status(r), day(r.effectivePeriod?.start || r.effectiveDateTime || r.authoredOn)],
  ],
  AllergyIntolerance: (r) => [concept(r.code), [
    ...list(r.reaction).map((x) => list(x.manifestation).map(concept).join(', ')).filter(Boolean).map((x) => `${words.reaction}: ${x}`),
    status(r), day(r.onsetDateTime || r.recordedDate),
  ]],
  Condition: (r) => [concept(r.code), [concept(list(r.bodySite)[0]), status(r), day(r.onsetDateTime || r.recordedDate)]],
  Observation: (r) => [concept(r.code), [
    value(r), ...list(r.component).map((c) => `${concept(c.code)}: ${value(c)}`), range(r),
    status(r), day(r.effectiveDateTime || r.effectivePeriod?.start),
  ]],
  Immunization: (r) => [concept(r.vaccineCode), [status(r), day(r.occurrenceDateTime) || r.occurrenceString]],
  Procedure: (r) => [concept(r.code), [status(r), day(r.performedDateTime || r.performedPeriod?.start)]],
  other: (r, find) => [
    concept(r.code) || concept(r.type) || r.description || concept(find(r.device)?.type) || words.kinds[r.resourceType] || words.unknownKind,
    [r.conclusion, status(r), day(r.date || r.effectiveDateTime)],
  ],
};

function row(r, find) {
  const make = r.resourceType.startsWith('Medication') ? ROWS.medication : ROWS[r.resourceType] || ROWS.other;
  const [title, lines] = make(r, find);
  const notes = list(r.note).map((n) => n.text);
  return { title: title || words.unknownKind, lines: some(...lines, ...notes), ...origin(r, find) };
}

// origin tells who says it: the person, or a care provider by name.
function origin(r, find) {
  const source = list(r.extension).find((e) => e.url === SELF)?.valueString || r.meta?.source || '';
  const people = [r.informationSource, r.asserter, r.recorder, r.requester, ...list(r.performer).map((p) => p.actor || p)].filter(Boolean);
  const own = source === 'self' || list(r.meta?.tag).some((t) => t.code === 'self') ||
    people.some((p) => find(p)?.resourceType === 'Patient');
  if (own) return { own, from: words.own };
  const name = people.map((p) => p.display || nameOf(find(p))).find(Boolean);
  return { own, from: name ? words.from(name) : '' };
}

function nameOf(r) {
  if (!r) return '';
  if (typeof r.name === 'string') return r.name;
  const n = list(r.name)[0];
  return n ? n.text || [...list(n.given), n.family].filter(Boolean).join(' ') : nameOf(r.organization);
}

// sections gives {title, date, name, birthDate, parts: [{title, rows, empty, text}]}
// of a Bundle or of one resource.
export function sections(resource) {
  const all = resource.resourceType === 'Bundle' ? list(resource.entry).filter((e) => e.resource) : [{ resource }];
  const index = new Map();
  for (const { fullUrl, resource: r } of all) {
    if (fullUrl) index.set(fullUrl, r);
    if (r.id) index.set(`${r.resourceType}/${r.id}`, r);
  }
  const find = (ref) => ref?.reference && index.get(ref.reference);
  const composition = all.map((e) => e.resource).find((r) => r.resourceType === 'Composition');
  const person = find(composition?.subject) || all.map((e) => e.resource).find((r) => r.resourceType === 'Patient');
  return {
    title: composition?.title || '', date: composition?.date || '', name: nameOf(person), birthDate: person?.birthDate || '',
    parts: composition ? list(composition.section).flatMap((s) => part(s, find)) : byKind(all.map((e) => e.resource), find),
  };
}

function part(section, find) {
  const rows = list(section.entry).map((ref) => find(ref) || (ref.display && { resourceType: 'Basic', description: ref.display }))
    .filter(Boolean).map((r) => row(r, find));
  const reason = list(section.emptyReason?.coding)[0]?.code;
  const empty = reason === 'nilknown' ? words.noneKnown : concept(section.emptyReason) || words.none;
  return [{ title: section.title || concept(section.code), rows, empty, text: section.text?.div }, ...list(section.section).flatMap((s) => part(s, find))];
}

const ASIDE = ['Patient', 'Practitioner', 'PractitionerRole', 'Organization', 'Medication', 'Device', 'Location', 'Provenance', 'Composition', 'RelatedPerson'];

function byKind(resources, find) {
  const kinds = new Map();
  for (const r of resources.filter((x) => !ASIDE.includes(x.resourceType))) {
    const title = words.kinds[r.resourceType] || words.unknownKind;
    kinds.set(title, [...(kinds.get(title) || []), row(r, find)]);
  }
  return [...kinds].map(([title, rows]) => ({ title, rows, empty: '' }));
}
