// A Medusa store with nothing beside it but PostgreSQL: no Redis, no admin pages. All secrets here are invented.
const { defineConfig } = require("@medusajs/framework/utils")

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, connection: { ssl: false } },
    http: {
      storeCors: "http://localhost:8000",
      adminCors: "http://localhost:9000",
      authCors: "http://localhost:9000",
      jwtSecret: "invented-jwt-secret",
      cookieSecret: "invented-cookie-secret",
    },
  },
  admin: { disable: true },
})
