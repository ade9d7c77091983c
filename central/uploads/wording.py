"""The words of the page that a visitor's phone shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from central.uploads.incoming import Refusal
from central.uploads.kinds import Kind


@dataclass(frozen=True, slots=True)
class Words:
    """In one language. `limits` has the field `most`, `percent` the field `percent`."""

    title: str
    name: str
    intro: tuple[str, ...]
    limits: str
    choose: str
    send: str
    arrived: str
    sending: str
    lost: str
    nothing: str
    gone_title: str
    gone: str
    kinds: Mapping[Kind, str]
    refusals: Mapping[Refusal, str]


WORDS: Mapping[str, Words] = {
    "zh-Hant": Words(
        title="傳送檔案給警方",
        name="繁體中文",
        intro=("檔案會加密傳送，只有警方可以開啟。", "傳送後請看自助報案機的螢幕。你可在機上刪除檔案。"),
        limits="可傳送相片、影片、錄音、PDF 和文字檔。最多 {most} 個，每個 25 MB，合共 60 MB。",
        choose="選擇檔案",
        send="傳送",
        arrived="已收到。",
        sending="正在傳送…",
        lost="連線中斷，檔案未能傳送。請再試一次。",
        nothing="未有選擇檔案。",
        gone_title="此連結已失效",
        gone="如需傳送檔案，請在自助報案機上取得新的二維碼。",
        kinds={
            Kind.PICTURE: "相片",
            Kind.VIDEO: "影片",
            Kind.SOUND: "錄音",
            Kind.DOCUMENT: "文件",
        },
        refusals={
            Refusal.EMPTY: "檔案沒有內容，未能接收。",
            Refusal.KIND: "這種檔案不能接收。請改用相片、影片、錄音、PDF 或文字檔。",
            Refusal.TOO_LARGE: "檔案超過 25 MB，未能接收。",
            Refusal.ALL_TOO_LARGE: "所有檔案合共超過 60 MB，未能接收。",
            Refusal.TOO_MANY: "檔案數目已達上限，未能接收。",
            Refusal.CLOSED: "連結已關閉，檔案未能接收。",
            Refusal.BUSY: "系統繁忙。請稍候再試。",
        },
    ),
    "zh-Hans": Words(
        title="向警方发送文件",
        name="简体中文",
        intro=("文件会加密发送，只有警方可以打开。", "发送后请看自助报案机的屏幕。您可以在机器上删除文件。"),
        limits="可以发送照片、视频、录音、PDF 和文本文件。最多 {most} 个，每个 25 MB，共 60 MB。",
        choose="选择文件",
        send="发送",
        arrived="已收到。",
        sending="正在发送…",
        lost="连接中断，文件没有发送成功。请再试一次。",
        nothing="没有选择文件。",
        gone_title="此链接已失效",
        gone="如需发送文件，请在自助报案机上获取新的二维码。",
        kinds={
            Kind.PICTURE: "照片",
            Kind.VIDEO: "视频",
            Kind.SOUND: "录音",
            Kind.DOCUMENT: "文件",
        },
        refusals={
            Refusal.EMPTY: "文件没有内容，无法接收。",
            Refusal.KIND: "这种文件不能接收。请改用照片、视频、录音、PDF 或文本文件。",
            Refusal.TOO_LARGE: "文件超过 25 MB，无法接收。",
            Refusal.ALL_TOO_LARGE: "所有文件共超过 60 MB，无法接收。",
            Refusal.TOO_MANY: "文件数量已到上限，无法接收。",
            Refusal.CLOSED: "链接已关闭，文件无法接收。",
            Refusal.BUSY: "系统繁忙。请稍后再试。",
        },
    ),
    "en": Words(
        title="Send files to the police",
        name="English",
        intro=(
            "Files are sent encrypted. Only the police can open them.",
            "Look at the kiosk after sending. You can remove files there.",
        ),
        limits=("Pictures, videos, sound, PDF and text files. Up to {most} files, 25 MB each, 60 MB in all."),
        choose="Choose files",
        send="Send",
        arrived="We have it.",
        sending="Sending…",
        lost="The connection was lost. The file was not sent. Please try again.",
        nothing="No file was chosen.",
        gone_title="This link no longer works",
        gone="To send files, please ask the kiosk for a new code.",
        kinds={
            Kind.PICTURE: "Picture",
            Kind.VIDEO: "Video",
            Kind.SOUND: "Sound",
            Kind.DOCUMENT: "Document",
        },
        refusals={
            Refusal.EMPTY: "The file is empty. It was not taken.",
            Refusal.KIND: "We cannot take this kind of file. Please send a picture, video, sound or PDF.",
            Refusal.TOO_LARGE: "The file is larger than 25 MB. It was not taken.",
            Refusal.ALL_TOO_LARGE: "All files together are larger than 60 MB. This one was not taken.",
            Refusal.TOO_MANY: "There are as many files as we can take. This one was not taken.",
            Refusal.CLOSED: "The link was closed. The file was not taken.",
            Refusal.BUSY: "We are busy. Please try again in a moment.",
        },
    ),
}
