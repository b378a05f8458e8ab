// Fills the store with 60 invented people through its Admin API, and prints a secret API key for truto-unify.
//   node seed.mjs http://localhost:9000 admin@example.test PASSWORD
const [origin, email, password] = process.argv.slice(2)
let authorization = ""

async function call(path, body, method = body ? "POST" : "GET") {
  const response = await fetch(origin + path, {
    method,
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

const FIRST = ["Ana", "Bo", "Chidi", "Dunja", "Elif", "Fritz", "Grace", "Hana", "Ines", "Jonas", "Kaja", "Liam"]
const LAST = ["Nilsen", "Okafor", "Perez", "Quist", "Rossi", "Sato", "Tanaka", "Ueda", "Vogel", "Weiss"]
const COMPANIES = ["Kettle & Sons", "Blue Door Ltd", "Nordlys AS", "Papel y Tinta"]
const PLACES = [
  { address_1: "1 Invented Street", city: "Springfield", province: "IL", postal_code: "62701", country_code: "us" },
  { address_1: "Erfundene Gasse 2", address_2: "Top 4", city: "Wien", postal_code: "1010", country_code: "at" },
  { address_1: "Oppdiktet vei 3", city: "Oslo", postal_code: "0150", country_code: "no" },
  { address_1: "4 Rue Inventée", city: "Lyon", postal_code: "69001", country_code: "fr" },
  { address_1: "Calle Inventada 5", address_2: "2º B", city: "Bilbao", province: "PV", postal_code: "48001", country_code: "es" },
]

// Fixed, so that every seeding gives the same people. The phone numbers are of the range kept for fiction.
function person(n) {
  const first = FIRST[n % FIRST.length]
  const last = LAST[Math.floor(n * 7 / 3) % LAST.length]
  const address = `${first}.${last}.${n}@example.test`
  return {
    email: n % 15 === 14 ? null : n % 10 === 7 ? address : address.toLowerCase(),
    first_name: n % 15 === 13 ? null : first,
    last_name: n % 15 === 12 ? "" : last,
    company_name: n % 4 === 1 ? COMPANIES[Math.floor(n / 4) % COMPANIES.length] : null,
    phone: n % 3 === 2 ? null : `+1 212 555 01${String(n).padStart(2, "0")}`,
    metadata: n % 10 === 3 ? { loyalty_tier: "gold" } : null,
  }
}

function addresses(n) {
  const place = (at) => ({ ...PLACES[(n + at) % PLACES.length] })
  const phone = `(212) 555-01${String((n + 30) % 100).padStart(2, "0")} x${100 + n}`
  if (n % 3 === 0) return []
  const billing = { ...place(0), address_name: "Office", is_default_billing: true, company: n % 6 === 1 ? "Ledger GmbH" : null }
  if (n % 3 === 1) return [{ ...billing, is_default_shipping: true, phone: n % 2 ? phone : null }]
  return [billing, { ...place(1), is_default_shipping: true }, ...(n % 6 === 5 ? [{ ...place(2), phone }] : [])]
}

const { token } = await call("/auth/user/emailpass", { email, password })
authorization = `Bearer ${token}`
const { api_key } = await call("/admin/api-keys", { title: "truto-unify", type: "secret" })

const customers = []
for (let n = 0; n < 60; n++) {
  const { customer } = await call("/admin/customers", person(n))
  for (const one of addresses(n)) await call(`/admin/customers/${customer.id}/addresses`, one)
  customers.push(customer)
}

const { region } = await call("/admin/regions", { name: "Europe", currency_code: "eur", countries: ["at", "no", "fr", "es"] })
const { sales_channel } = await call("/admin/sales-channels", { name: "Web" })
for (const n of [1, 1, 4]) {
  const items = [{ title: "Kettle", quantity: n, unit_price: 39.5 }]
  const { draft_order } = await call("/admin/draft-orders", {
    customer_id: customers[n].id, email: customers[n].email, region_id: region.id, sales_channel_id: sales_channel.id, items,
  })
  await call(`/admin/draft-orders/${draft_order.id}/convert-to-order`, {})
}

console.log(api_key.token)
