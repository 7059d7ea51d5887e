/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "unichar.h"
#include "moves-trash.h"

#define MAX_NAME_BYTES 255

/* The words that the translations of these clients have, as their users see
   them in the list of folders:
     T  Thunderbird, trashFolderName of messenger.properties; it makes "Trash"
        on the server, older versions the translated name
     R  Roundcube, "trash" of program/localization; the same words stand in
        SOGo, Horde, Nextcloud Mail and Wildduck, mostly from it
     O  Outlook and Exchange, "Deleted Items"; Outlook.com "Deleted"
     A  Apple Mail, "Deleted Messages" on the server, "Trash" or "Bin" in the
        list
   A name of one of them that is missing here costs little: a message that is
   deleted by moving it there is taken for one that is wanted. */
static const char *const trash_names[] = {
	/* English: T R O A; Gmail "Bin" */
	"Trash", "Bin", "Deleted", "Deleted Items", "Deleted Messages",
	"Deleted Mail", "Recycle Bin", "Wastebasket", "Rubbish",
	/* German: T R A, O, A */
	"Papierkorb", "Mülleimer", "Gelöscht", "Gelöschte Elemente",
	"Gelöschte Objekte", "Gelöschte Nachrichten", "Gelöschte E-Mails",
	/* French: T R A, O */
	"Corbeille", "Supprimés", "Éléments supprimés", "Messages supprimés",
	"Courriers supprimés",
	/* Italian: T R A, O */
	"Cestino", "Posta eliminata", "Elementi eliminati",
	"Messaggi eliminati", "Eliminati",
	/* Spanish, Catalan, Galician, Basque */
	"Papelera", "Papelera de reciclaje", "Eliminados",
	"Elementos eliminados", "Mensajes eliminados", "Correo eliminado",
	"Paperera", "Elements suprimits", "Elements eliminats",
	"Missatges suprimits", "Lixo", "Zakarrontzia",
	"Ezabatutako elementuak",
	/* Portuguese: T R (Portugal, Brazil), O, A */
	"Lixeira", "Reciclagem", "Itens Excluídos", "Itens Eliminados",
	"Mensagens Excluídas", "Mensagens Apagadas", "Mensagens Eliminadas",
	"Apagados", "Excluídos", "Itens Apagados",
	/* Dutch, Frisian, Luxembourgish */
	"Prullenbak", "Prullenmand", "Verwijderde items",
	"Verwijderde berichten", "Verwijderd", "Jiskefet", "Poubelle",
	/* Danish, Norwegian (Bokmål, Nynorsk), Swedish, Icelandic, Faroese */
	"Papirkurv", "Papirkurven", "Slettet post", "Slettede elementer",
	"Slettede beskeder", "Slettede meddelelser", "Slettet",
	"Søppelkurv", "Slettede meldinger",
	"Papirkorg", "Papirkorga", "Sletta element", "Sletta meldingar",
	"Papperskorg", "Papperskorgen", "Borttaget", "Borttagna objekt",
	"Borttagna meddelanden", "Raderade objekt", "Raderade meddelanden",
	"Ruslafata", "Rusl",
	/* Finnish, Estonian, Latvian, Lithuanian */
	"Roskakori", "Poistetut", "Poistetut viestit", "Poistetut kohteet",
	"Prügikast", "Prügi", "Kustutatud üksused", "Kustutatud",
	"Atkritne", "Miskaste", "Izdzēstie vienumi", "Dzēstie vienumi",
	"Izdzēstie", "Šiukšlinė", "Šiukšliadėžė", "Naikinami elementai",
	"Panaikinti elementai", "Ištrinti laiškai",
	/* Polish, Czech, Slovak, Hungarian */
	"Kosz", "Elementy usunięte", "Usunięte", "Usunięte elementy",
	"Usunięte wiadomości", "Koš", "Odstraněná pošta", "Smazané",
	"Odstraněno", "Smazané zprávy", "Odstraněné zprávy",
	"Odstraněné položky", "Kôš", "Odstránené položky",
	"Odstránená pošta", "Odstránené", "Vymazané správy",
	"Zmazané správy", "Kuka", "Lomtár", "Törölt elemek",
	"Törölt üzenetek", "Törölt levelek", "Törölt", "Szemetes",
	/* Slovenian, Croatian, Bosnian, Serbian, Macedonian, Albanian */
	"Smeti", "Izbrisano", "Izbrisani predmeti", "Izbrisana sporočila",
	"Smeće", "Otpad", "Izbrisane stavke", "Izbrisane poruke", "Obrisano",
	"Obrisane stavke", "Kanta", "Отпад", "Смеће", "Обрисано",
	"Избрисане ставке", "Обрисане поруке", "Корпа", "Ѓубре",
	"Избришани ставки", "Koshi", "Plehra", "Elemente të fshira",
	/* Romanian, Bulgarian, Greek, Turkish, Azerbaijani, Maltese */
	"Coș de gunoi", "Coş de gunoi", "Gunoi", "Coș", "Șterse",
	"Elemente șterse", "Elemente şterse", "Mesaje șterse",
	"Кошче", "Изтрити", "Изтрити елементи", "Изтрити съобщения",
	"Κάδος", "Κάδος απορριμμάτων", "Κάδος ανακύκλωσης", "Απορρίμματα",
	"Διαγραμμένα", "Διαγραμμένα στοιχεία", "Διαγραμμένα μηνύματα",
	"Çöp", "Çöp Kutusu", "Çöp Sepeti",
	"Silinmiş Öğeler", "Silinmiş", "Silinenler", "Silinmiş İletiler",
	"Silinmiş Postalar", "Zibil qutusu", "Səbət",
	/* Russian, Ukrainian, Belarusian, Kazakh, Georgian, Armenian */
	"Корзина", "Удалённые", "Удаленные", "Удалённые письма",
	"Удаленные письма", "Удалённые сообщения", "Удаленные сообщения",
	"Удалённые элементы", "Удаленные элементы", "Кошик", "Смітник",
	"Видалені", "Видалені елементи", "Видалені листи",
	"Видалені повідомлення", "Вилучені", "Вилучені елементи", "Смецце",
	"Сметніца", "Кошык", "Выдаленыя", "Выдаленыя элементы", "Себет",
	"Жойылған элементтер", "ნაგავი", "სანაგვე ურნა", "Աղբարկղ",
	/* Japanese, Chinese (simplified, traditional), Korean */
	"ごみ箱", "ゴミ箱", "削除済み", "削除済みアイテム",
	"削除済みメッセージ", "削除済みメール", "已删除", "已删除邮件",
	"已删除的邮件", "已删除项目", "废件箱", "垃圾桶", "废纸篓",
	"回收站", "已刪除的郵件", "已刪除郵件", "刪除的郵件", "已刪除",
	"垃圾筒", "資源回收筒", "回收筒", "휴지통",
	"지운 편지함", "삭제된 항목", "지운 메일함", "지운 편지",
	/* Vietnamese, Thai, Indonesian, Malay, Hindi */
	"Thùng rác", "Mục đã xóa", "Thư đã xóa", "ถังขยะ",
	"รายการที่ถูกลบ", "รายการที่ลบ", "Sampah", "Tong Sampah",
	"Item yang Dihapus", "Item Terhapus", "Pesan Terhapus", "Terhapus",
	"Item Dipadam", "रद्दी", "हटाए गए आइटम",
	/* Hebrew, Arabic, Persian */
	"אשפה", "פריטים שנמחקו", "הודעות שנמחקו", "סל המיחזור",
	"المهملات", "سلة المهملات", "العناصر المحذوفة", "المحذوفات",
	"البريد المحذوف", "زباله‌دان", "سطل زباله",
	"موارد حذف شده",
	/* Irish, Welsh, Breton, Scottish Gaelic, Esperanto, Latin */
	"Bruscar", "Sbwriel", "Pod-lastez", "Lastez", "An sgudal", "Sgudal",
	"Rubujo",
	NULL
};

static buffer_t *t_folded(const char *name)
{
	buffer_t *folded = t_buffer_create(128);

	return uni_utf8_to_decomposed_titlecase(name, strlen(name),
						folded) < 0 ? NULL : folded;
}

bool trash_name_is_known(const char *name)
{
	const char *const *known;
	buffer_t *wanted;
	bool found = FALSE;

	if (strlen(name) > MAX_NAME_BYTES)
		return FALSE;
	T_BEGIN {
		wanted = t_folded(name);
		for (known = trash_names; wanted != NULL && !found &&
		     *known != NULL; known++) T_BEGIN {
			buffer_t *folded = t_folded(*known);

			found = folded != NULL && buffer_cmp(wanted, folded);
		} T_END;
	} T_END;
	return found;
}
