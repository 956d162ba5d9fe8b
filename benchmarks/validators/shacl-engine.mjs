// Validates a file by shapes with shacl-engine and prints its report: node shacl-engine.mjs DATA.nt SHAPES.ttl
import { readFileSync } from 'node:fs'
import { Parser, Store, Writer } from 'n3'
import rdf from 'rdf-ext'
import { Validator } from 'shacl-engine'
import { validations } from 'shacl-engine/sparql.js'

const read = path => rdf.dataset(new Parser().parse(readFileSync(path, 'utf8')))
const [data, shapes] = process.argv.slice(2).map(read)
const validator = new Validator(shapes, { factory: rdf, validations })
const report = await validator.validate({ dataset: data })
new Writer(process.stdout, { end: false }).addQuads([...new Store([...report.dataset])])
