/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "test-file.h"
#include "moves-trash.h"

static const struct {
	const char *name;
	bool known;
} tests[] = {
	{ "Trash", TRUE },
	{ "TRASH", TRUE },
	{ "deleted items", TRUE },
	{ "Deleted Messages", TRUE },
	{ "Papierkorb", TRUE },
	{ "gelöschte elemente", TRUE },
	{ "GELÖSCHTE ELEMENTE", TRUE },
	{ "Corbeille", TRUE },
	{ "Éléments supprimés", TRUE },
	{ "éléments supprimés", TRUE },
	/* decomposed, as Apple writes it */
	{ "E\xCC\x81le\xCC\x81ments supprime\xCC\x81s", TRUE },
	{ "Cestino", TRUE },
	{ "Papelera", TRUE },
	{ "Lixeira", TRUE },
	{ "Itens Excluídos", TRUE },
	{ "Prullenbak", TRUE },
	{ "Papirkurv", TRUE },
	{ "Slettet post", TRUE },
	{ "Søppelkurv", TRUE },
	{ "Papperskorgen", TRUE },
	{ "Borttagna objekt", TRUE },
	{ "Roskakori", TRUE },
	{ "Koš", TRUE },
	{ "Odstraněná pošta", TRUE },
	{ "Kôš", TRUE },
	{ "Odstránené položky", TRUE },
	{ "Kosz", TRUE },
	{ "Elementy usunięte", TRUE },
	{ "Lomtár", TRUE },
	{ "Törölt elemek", TRUE },
	{ "Корзина", TRUE },
	{ "КОРЗИНА", TRUE },
	{ "Удалённые", TRUE },
	{ "Кошик", TRUE },
	{ "Видалені", TRUE },
	{ "Διαγραμμένα στοιχεία", TRUE },
	{ "Κάδος απορριμμάτων", TRUE },
	{ "Çöp Kutusu", TRUE },
	{ "Silinmiş Öğeler", TRUE },
	{ "ごみ箱", TRUE },
	{ "削除済みアイテム", TRUE },
	{ "已删除邮件", TRUE },
	{ "刪除的郵件", TRUE },
	{ "휴지통", TRUE },

	{ "", FALSE },
	{ "INBOX", FALSE },
	{ "Junk", FALSE },
	{ "Archive", FALSE },
	{ "Trashy", FALSE },
	{ "My Trash", FALSE },
	{ "Ko", FALSE },
	{ "Kos", FALSE },
	{ "Papierkor", FALSE },
	{ "Corbeille\xFF", FALSE },
	{ "\xC3", FALSE },
};

static void test_trash_name_is_known(void)
{
	char *longer;

	test_begin("trash_name_is_known()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(trash_name_is_known(tests[i].name) ==
				tests[i].known, i);
	}
	longer = i_malloc(1024 * 1024);
	memset(longer, 'T', 1024 * 1024 - 1);
	test_assert(!trash_name_is_known(longer));
	i_free(longer);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_trash_name_is_known,
		NULL
	};
	return test_run(test_functions);
}
