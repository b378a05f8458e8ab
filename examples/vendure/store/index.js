// The Vendure server that was recorded: SQLite, no e-mails, no dashboard. Users log in by name and password.
const { bootstrap, DefaultLogger, dummyPaymentHandler, LogLevel } = require('@vendure/core');

bootstrap({
  apiOptions: { hostname: '127.0.0.1', port: 3111 },
  authOptions: {
    tokenMethod: ['bearer', 'cookie'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin-1' },
    cookieOptions: { secret: 'recording' },
  },
  dbConnectionOptions: { type: 'better-sqlite3', database: `${__dirname}/vendure.sqlite`, synchronize: true },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
});
