namespace Tests.Wallet;

/// <summary>What can be wrong in the books of <see cref="LedgerAuditTests"/>, one at a time, and all that the audit says of it.</summary>
internal static class Corruptions
{
    // What the database's own checks refuse can still have happened: while they were off, or in its files.
    private const string Unchecked = "CREATE TABLE unchecked AS SELECT * FROM grants; DROP TABLE grants; ALTER TABLE unchecked RENAME TO grants; ";

    public static readonly (string Sql, string[] Said)[] All =
    [
        ("UPDATE grants SET remaining_micro = remaining_micro + 1500000 WHERE id = '{pack}'",
        [
            "478.5 credit are left in the lots of the credit wallet of account {A} where its entries add to 477 credit: 1.5 credit too much.",
            "401.5 credit are left of lot {pack} (purchase) of account {A} where its entries add to 400 credit: 1.5 credit too much.",
        ]),
        ("UPDATE grants SET unit = 'vc' WHERE id = '{soon}'",
        [
            "470 credit are left in the lots of the credit wallet of account {A} where its entries add to 477 credit: 7 credit too little. Suspect: transaction {t:soon} alone is exactly that: it is in the entries and not in the lots.",
            "7 vc are left in the lots of the vc wallet of account {A} where its entries add to 0 vc: 7 vc too much.",
            "Account {A} has transactions, lots or holds in vc, and no wallet in it.",
            "Line 0 of transaction {t:soon} of account {A} names a lot that does not exist: {soon}.",
            "Hold {h5} of account {A} counts on 5 credit of lot {soon}, which does not exist in its unit.",
        ]),
        ("DELETE FROM ledger_entries WHERE transaction_id = '{t:cap}'; DELETE FROM ledger_transactions WHERE id = '{t:cap}'",
        [
            "477 credit are left in the lots of the credit wallet of account {A} where its entries add to 507 credit: 30 credit too little. Suspect: hold {h40} was captured for exactly that and has no booking.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
            "Hold {h40} of account {A} was captured for 30 credit where no booking earned 0 credit: 30 credit too much.",
        ]),
        ("DELETE FROM ledger_entries WHERE transaction_id = '{t:soon}'; DELETE FROM ledger_transactions WHERE id = '{t:soon}'",
        [
            "477 credit are left in the lots of the credit wallet of account {A} where its entries add to 470 credit: 7 credit too much. Suspect: lot {soon} brought exactly that and has no booking.",
            "7 credit are left of lot {soon} (signup_bonus) of account {A} where its entries add to 0 credit: 7 credit too much.",
            "Lot {soon} of account {A} brought 7 credit and no booking says that they came from signup_bonus.",
        ]),
        ("""
         INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, created_at)
         SELECT account_id, 'copy', unit, kind, 'copy', description, created_at FROM ledger_transactions WHERE id = '{t:cap}';
         INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
         SELECT account_id, 'copy', line, unit, book, amount_micro, grant_id, created_at FROM ledger_entries WHERE transaction_id = '{t:cap}'
         """,
        [
            "477 credit are left in the lots of the credit wallet of account {A} where its entries add to 447 credit: 30 credit too much. Suspect: transaction copy or transaction {t:cap} alone is exactly that: it is in the entries and not in the lots.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 40 credit: 30 credit too much. Suspect: transaction copy or transaction {t:cap} alone is exactly that: it is in the entries and not in the lot.",
        ]),
        ("DELETE FROM ledger_entries WHERE transaction_id = '{t:cap}' AND line = 0",
        [
            "The entries of transaction {t:cap} of account {A} add to 30 credit, not to zero. Suspect: line 0 is missing.",
            "Transaction {t:cap} (usage) of account {A} has 1 entries where it must have two or more.",
            "477 credit are left in the lots of the credit wallet of account {A} where its entries add to 507 credit: 30 credit too little.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
        ]),
        ("""
         INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
         SELECT account_id, transaction_id, 2, unit, book, amount_micro, grant_id, created_at FROM ledger_entries WHERE transaction_id = '{t:cap}' AND line = 1
         """,
        [
            "The entries of transaction {t:cap} of account {A} add to 30 credit, not to zero. Suspect: line 2 says what another line said before: it was written twice.",
            "Hold {h40} of account {A} was captured for 30 credit where transaction {t:cap} earned 60 credit: 30 credit too little.",
        ]),
        ("""
         INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, created_at)
         SELECT account_id, transaction_id, 2, unit, 'house:expired', 1000000, created_at FROM ledger_entries WHERE transaction_id = '{t:cap}' AND line = 1
         """,
        [
            "The entries of transaction {t:cap} of account {A} add to 1 credit, not to zero. Suspect: line 2 (house:expired) alone is exactly that.",
        ]),
        ("DELETE FROM ledger_transactions WHERE id = '{t:refund}'",
            ["2 entries of account {A} belong to transaction {t:refund}, which does not exist."]),
        ("""
         INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, created_at)
         VALUES ('{A}', 'empty', 'credit', 'usage', 'empty', '', 0)
         """,
            ["Transaction empty (usage) of account {A} has 0 entries where it must have two or more."]),
        ("UPDATE ledger_entries SET unit = 'vc' WHERE transaction_id = '{t:cap}' AND line = 1",
            ["Line 1 of transaction {t:cap} of account {A} counts in vc where its transaction counts in credit."]),
        ("UPDATE ledger_entries SET book = 'pocket' WHERE transaction_id = '{t:refund}' AND line = 1",
        [
            "Line 1 of transaction {t:refund} of account {A} is in a book that does not exist: pocket.",
            "100 credit were taken back of the lots of the credit wallet of account {A} where its refunds add to 0 credit: 100 credit too much. Suspect: lot {pack} says exactly that of itself.",
        ]),
        ("UPDATE ledger_entries SET grant_id = 'nowhere' WHERE transaction_id = '{t:cap}' AND line = 0",
        [
            "Line 0 of transaction {t:cap} of account {A} names a lot that does not exist: nowhere.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
        ]),
        ("UPDATE ledger_entries SET grant_id = NULL WHERE transaction_id = '{t:cap}' AND line = 0",
        [
            "Line 0 of transaction {t:cap} of account {A} names no lot.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
        ]),
        ("UPDATE ledger_entries SET grant_id = '{gift}' WHERE transaction_id = '{t:cap}' AND line = 1",
            ["Line 1 of transaction {t:cap} of account {A} names a lot, though its book has none: {gift}."]),
        ("DELETE FROM wallets WHERE account_id = '{D}'",
            ["Account {D} has transactions, lots or holds in credit, and no wallet in it."]),
        ("UPDATE wallets SET owed_micro = 0 WHERE account_id = '{D}'",
        [
            "0 credit are owed in the credit wallet of account {D} where its entries add to 4 credit: 4 credit too little. Suspect: transaction {t:owing} alone is exactly that: it is in the entries and not in what is owed.",
        ]),
        ("UPDATE wallets SET owed_micro = 1 WHERE account_id = '{A}'",
        [
            "0.000001 credit are owed in the credit wallet of account {A} where its entries add to 0 credit: 0.000001 credit too much.",
            "0.000001 credit are owed in the credit wallet of account {A} while 392 credit lie free there, which must pay it first.",
        ]),
        ("UPDATE grants SET held_micro = held_micro + 25000000 WHERE id = '{pack}'",
        [
            "35 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 10 credit: 25 credit too much. Suspect: hold {h25}, now released, reserved exactly that: its end did not reach the lot.",
        ]),
        ("DELETE FROM holds WHERE id = '{h5}'",
            ["5 credit are held of lot {soon} (signup_bonus) of account {A} where its holds reserve 0 credit: 5 credit too much."]),
        ("UPDATE holds SET status = 'released', resolved_at = 1 WHERE id = '{h5}'",
        [
            "5 credit are held of lot {soon} (signup_bonus) of account {A} where its holds reserve 0 credit: 5 credit too much. Suspect: hold {h5}, now released, reserved exactly that: its end did not reach the lot.",
        ]),
        ("UPDATE holds SET grant_id = NULL WHERE id = '{h5}'",
        [
            "5 credit are held of lot {soon} (signup_bonus) of account {A} where its holds reserve 0 credit: 5 credit too much. Suspect: hold {h5} is open and lacks exactly that in its lots.",
            "Hold {h5} of account {A} reserves 5 credit where its lots add to 0 credit: 5 credit too much.",
        ]),
        ("UPDATE holds SET grant_id = 'nowhere' WHERE id = '{h5}'",
        [
            "5 credit are held of lot {soon} (signup_bonus) of account {A} where its holds reserve 0 credit: 5 credit too much.",
            "Hold {h5} of account {A} counts on 5 credit of lot nowhere, which does not exist in its unit.",
        ]),
        ("UPDATE grants SET held_micro = 0 WHERE id = '{soon}'",
        [
            "0 credit are held of lot {soon} (signup_bonus) of account {A} where its holds reserve 5 credit: 5 credit too little. Suspect: hold {h5} reserves exactly that: the lot does not know of it.",
        ]),
        ("INSERT INTO hold_lots (account_id, hold_id, grant_id, amount_micro) VALUES ('{A}', '{h5}', '{pack}', 5000000)",
        [
            "10 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 15 credit: 5 credit too little. Suspect: hold {h5} reserves exactly that: the lot does not know of it.",
            "Lot {soon} covers hold {h5} of account {A} alone, and 1 lots are reserved for it beside that.",
        ]),
        ("INSERT INTO hold_lots (account_id, hold_id, grant_id, amount_micro) VALUES ('{A}', '{h25}', '{pack}', 25000000)",
        [
            "10 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 35 credit: 25 credit too little. Suspect: hold {h25} reserves exactly that: the lot does not know of it.",
            "1 lots of account {A} are reserved for hold {h25}, which is released.",
        ]),
        ("DELETE FROM holds WHERE id = '{h80}'",
        [
            "2 lots of account {A} are reserved for hold {h80}, which is not there at all.",
        ]),
        ("UPDATE holds SET status = 'released', resolved_at = 1 WHERE id = '{h80}'",
        [
            "2 lots of account {A} are reserved for hold {h80}, which is released.",
        ]),
        ("DELETE FROM hold_lots WHERE hold_id = '{h80}' AND grant_id = '{pack}'",
        [
            "10 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 0 credit: 10 credit too much. Suspect: hold {h80} is open and lacks exactly that in its lots.",
            "Hold {h80} of account {A} reserves 80 credit where its lots add to 70 credit: 10 credit too much.",
        ]),
        ("UPDATE grants SET held_micro = 0 WHERE id = '{pack}'",
        [
            "0 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 10 credit: 10 credit too little. Suspect: hold {h80} reserves exactly that: the lot does not know of it.",
        ]),
        ("UPDATE hold_lots SET grant_id = 'nowhere' WHERE hold_id = '{h80}' AND grant_id = '{pack}'",
        [
            "10 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 0 credit: 10 credit too much.",
            "Hold {h80} of account {A} counts on 10 credit of lot nowhere, which does not exist in its unit.",
        ]),
        ("UPDATE grants SET remaining_micro = remaining_micro - 1000000 WHERE id = '{pack}'",
        [
            "476 credit are left in the lots of the credit wallet of account {A} where its entries add to 477 credit: 1 credit too little.",
            "399 credit are left of lot {pack} (purchase) of account {A} where its entries add to 400 credit: 1 credit too little.",
        ]),
        (Unchecked + "UPDATE grants SET spent = 1 WHERE id = '{pack}'",
            ["400 credit are left of lot {pack} of account {A}, which is marked as spent."]),
        (Unchecked + "UPDATE grants SET spent = 0 WHERE account_id = '{D}'",
            ["0 credit are left of lot {debt} of account {D}, which is marked as not spent."]),
        ("UPDATE ledger_transactions SET transaction_key = 'capture:{h40}' WHERE id = '{t:cap}'",
        [
            "Hold {h40} of account {A} was captured for 30 credit where no booking earned 0 credit: 30 credit too much.",
            "Transaction {t:cap} of account {A} charges for a hold that is not there at all, not captured.",
        ]),
        ("UPDATE ledger_entries SET book = 'house:granted:gift' WHERE transaction_id = '{t:gift}' AND line = 1",
            ["Lot {gift} of account {A} brought 100 credit and no booking says that they came from signup_bonus."]),
        ("UPDATE grants SET clawed_micro = 0 WHERE id = '{pack}'",
        [
            "0 credit were taken back of the lots of the credit wallet of account {A} where its refunds add to 100 credit: 100 credit too little. Suspect: transaction {t:refund} alone is exactly that: no lot says so.",
        ]),
        ("UPDATE holds SET captured_micro = 31000000 WHERE id = '{h40}'",
            ["Hold {h40} of account {A} was captured for 31 credit where transaction {t:cap} earned 30 credit: 1 credit too much."]),
        ("UPDATE holds SET status = 'released', captured_micro = NULL WHERE id = '{h40}'",
            ["Transaction {t:cap} of account {A} charges for a hold that is released, not captured."]),
        ("UPDATE holds SET captured_micro = 1 WHERE id = '{h25}'",
            ["Hold {h25} of account {A} is released and says something else of its end."]),
    ];
}
