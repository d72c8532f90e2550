"""A small set of messages labelled by hand from sop.md §3 and §4, for figures and not only for examples."""

from __future__ import annotations

from core.dialogue.understanding.danger import DangerKind
from core.procedure.vocabulary import Category

CATEGORIES: tuple[tuple[str, Category], ...] = tuple(
    (text, category)
    for category, texts in {
        Category.COMPLAINT: [
            "min anak sy demam td pagi di puskesmas sukamaju disuruh bayar 20rb buat kartu, ga ada kuitansi",
            "LAPOR diminta 20rb buat kartu di puskesmas",
            "petugas minta uang rokok 50rb baru diproses",
            "ada pungli di samsat",
            "kepala desa korupsi dana desa",
            "bansos saya dipotong 100rb sama pak RT",
            "guru mukul anak saya sampai memar",
            "pegawai kelurahan bolos terus tiap jumat",
            "urus ktp harus lewat calo bayar 200 ribu",
            "dasar anjing pegawai kelurahan minta uang pelicin",
            "saya didiskriminasi karena bukan warga asli",
            "the officer asked me to pay 50k without receipt",
            "dipersulit waktu urus surat pindah, katanya harus ada uang lelah",
            "oknum polisi memeras saya di jalan",
            "sekolah menarik pungutan 500rb per siswa",
            "petugas membentak dan mengancam ibu saya",
        ],
        Category.GRIEVANCE: [
            "jalan rusak pak",
            "lampu jl melati mati 2 minggu, kmrn ada yg dijambret",
            "air pdam ga ngalir udah 3 hari",
            "sampah numpuk depan pasar bau banget",
            "ktp saya belum jadi udah 3 bulan",
            "antri di rsud dari jam 6 baru dipanggil jam 11",
            "jembatan mau roboh di desa kami",
            "website pendaftaran error terus",
            "obat di puskesmas habis terus",
            "mantap banget pelayanannya, antri 3 jam",
            "banjir lagi di gang kami selokan mampet",
            "street light is broken for 2 weeks",
            "pelayanan lambat sekali",
            "tidak ada dokter di puskesmas",
            "petugasnya tidak ramah",
            "garbage not collected for two weeks",
            "kapan jalan kami diperbaiki sudah hancur semua",
            "tolong diperbaiki jalan berlubang di depan sd",
        ],
        Category.INFORMATION_REQUEST: [
            "bagaimana cara urus KTP?",
            "gimana caranya bikin akta lahir min",
            "apa aja syarat pindah domisili?",
            "mau tanya jadwal posyandu",
            "berapa biaya bikin sim?",
            "jam berapa buka kantor kecamatan?",
            "how do I apply for a birth certificate",
            "min mau nanya dong daftar bpjs dimana ya",
            "kapan pendaftaran sekolah dibuka?",
            "dimana bisa urus surat kehilangan",
        ],
        Category.ASPIRATION: [
            "usul dibangun jembatan penyeberangan di depan sekolah",
            "mohon dibangun taman bermain",
            "saran saya ditambah loket",
            "alangkah baiknya kalau ada halte",
            "tolong dipasang lampu di gang kami",
            "please build a playground here",
            "kami berharap ada perpustakaan di desa",
            "sebaiknya jam pelayanan ditambah hari sabtu",
        ],
        Category.APPRECIATION: [
            "terima kasih, petugas ramah",
            "petugas puskesmas ramah dan cepat, makasih",
            "pelayanan disdukcapil sangat memuaskan",
            "salut buat damkar kota contoh",
            "thank you, the staff were very helpful",
            "apresiasi untuk pak lurah yang sigap",
            "pelayanannya bagus banget makasih ya",
        ],
    }.items()
    for text in texts
)

DANGERS: tuple[tuple[str, DangerKind], ...] = tuple(
    (text, kind)
    for kind, texts in {
        DangerKind.FIRE: [
            "kebakaran sekarang",
            "kebakaran di jl melati tolong",
            "rumah tetangga kebakaran",
            "ada api besar di pasar",
            "my house is on fire",
            "api makin besar pak tolong",
            "tolong pasar kebakaran min",
        ],
        DangerKind.VIOLENCE: [
            "tetangga bawa parang ngancam mau bunuh saya",
            "ada tawuran depan smp",
            "saya lagi dikeroyok",
            "ada orang dihajar massa di pasar",
            "saya diancam mau dibunuh",
            "a man with a knife, he has a knife at the market",
            "ada perampokan di toko sekarang",
        ],
        DangerKind.MEDICAL: [
            "anak saya kejang di igd tidak dilayani",
            "bapak saya ga sadar tolong ambulans",
            "istri saya mau melahirkan ga ada bidan",
            "butuh ambulans sekarang",
            "ada anak hanyut di sungai",
            "my father is not breathing",
            "ada kecelakaan sekarang di tol tolong",
        ],
        DangerKind.SELF_HARM: [
            "mau bunuh diri",
            "saya pengen mati aja",
            "ga mau hidup lagi",
            "i want to kill myself",
            "teman saya mau gantung diri",
            "lebih baik mati",
            "udah capek hidup",
        ],
        DangerKind.WOMAN_CHILD: [
            "bapak mukulin ibu saya",
            "suami saya mukulin saya tiap malam",
            "kmrn suami mukul saya lagi",
            "saya dipukuli suami",
            "anak tetangga disiksa ibu tirinya",
            "ada kdrt di rumah sebelah",
            "adik saya dicabuli paman",
            "my husband is beating me",
        ],
    }.items()
    for text in texts
)

NO_DANGER: tuple[str, ...] = (
    "harga bikin mati",
    "tahun lalu kebakaran",
    "lampu mati",
    "membunuh usaha kami",
    "pemadam kebakaran datang telat",
    "takut kebakaran kabelnya semrawut",
    "saya pernah dipukul suami dulu",
    "kmrn ada yg dijambret",
    "lampu jl melati mati 2 minggu",
    "umkm sekarat gara-gara pajak",
    "kebakaran minggu lalu belum dapat bantuan",
    "korban kebakaran belum dapat bantuan",
    "air mati 3 hari",
    "pelayanan bikin darah tinggi",
    "antri sampai mau mati rasanya",
    "tidak ada kebakaran",
    "harga sembako mencekik",
    "usul pos pemadam kebakaran",
    "terima kasih damkar kebakaran sudah padam",
    "kebijakan ini bunuh diri ekonomi",
    "hp saya mati",
    "mesin antrian mati",
    "my phone is dead",
    "there was a fire last year",
    "kapan simulasi kebakaran?",
    "anak sy demam td pagi disuruh bayar",
    "bagaimana cara minta alat pemadam kebakaran",
    "jalan rusak pak",
    "halo min",
    "diminta 20rb",
)
